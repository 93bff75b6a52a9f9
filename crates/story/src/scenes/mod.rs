//! All scenes, in the order in which they run.
//!
//! To add a scene:
//!
//! 1. Write an async function that takes a `Narrator`, in the folder of its act. `places/memory.rs` has short ones.
//! 2. Add an entry to the table below, at the scene's place in its act.
//! 3. Run `scripts/demo.sh --once --scene NAME`.

mod containers;
mod login;
mod places;
mod six_places;
mod steps;
mod target;
mod tempting;
mod trouble;

use crate::{
    act::Act,
    matrix::{Incident, Place},
    scene::{
        RunsIn::{Both, Compose, Native},
        Scene,
    },
};

const REDIS: &str = "redis-server";
pub(crate) const HAPROXY: &str = "haproxy";

/// Builds the table of scenes, by act. An entry has a name, a function, where it runs, which programs it needs there, a
/// title, and what it proves. Before the name, `alone` keeps other scenes from running at the same time. After the
/// programs, `shows` names the cells of the matrix that the scene explains best.
macro_rules! scenes {
    ($(act $act:ident { $($($alone:ident)? $name:literal: $function:path, $runs_in:ident, needs $needs:expr,
       $(shows [$($place:ident $incident:ident),*],)? $title:literal => $proves:literal)* })*) => {
        &[$($(Scene {
            act: Act::$act,
            name: $name,
            title: $title,
            proves: $proves,
            alone: !stringify!($($alone)?).is_empty(),
            runs_in: $runs_in,
            needs: &$needs,
            shows: &[$($((Place::$place, Incident::$incident)),*)?],
            steps: |narrator| Box::pin($function(narrator)),
        },)*)*]
    };
}

/// All scenes, for processes and for containers.
#[rustfmt::skip]
pub(crate) const SCENES: &[Scene] = scenes! {
    act I {
        "memory-restart": places::memory::restart, Native, needs [],
        shows [Memory Restart],
        "Memory, one instance, restarted"
        => "The visitor still has the session ID, but the server has forgotten the session. \
            Memory does not survive a restart."

        "memory-two": places::memory::two, Both, needs [HAPROXY],
        shows [Memory SecondInstance],
        "Memory, two instances behind HAProxy"
        => "Each instance counts for itself. Two processes do not share their memory."

        "file-restart": places::file::restart, Native, needs [],
        shows [File Restart],
        "Files, one instance, restarted"
        => "Files survive a restart. So are files enough?"

        "file-two": places::file::two, Both, needs [HAPROXY],
        shows [File SecondInstance],
        "Files, two instances behind HAProxy"
        => "Files are not enough. Each instance has its own, so the value shows at every other request."

        "two-ports": places::file::two_ports, Native, needs [REDIS],
        "Two ports, no load balancer: files, then Redis"
        => "The load balancer is not to blame. Two file stores hold two values for one visitor; \
            Redis holds one."

        "redis-restart": places::redis::restart, Native, needs [REDIS],
        shows [Redis Restart],
        "Redis, one instance, restarted"
        => "The session is not in the server, so the server may go and come back."

        "redis-two": places::redis::two, Both, needs [REDIS, HAPROXY],
        shows [Redis SecondInstance],
        "Redis, two instances behind HAProxy"
        => "Both instances see the same session. One shared store mends what memory and files broke."

        "redis-kill": places::redis::kill, Native, needs [REDIS, HAPROXY],
        shows [Redis InstanceDies],
        "Redis, two instances, one killed"
        => "No visit was lost, and the visitor saw no error. HAProxy turned to the other instance, \
            which found the session in Redis."

        "redis-persistence": places::redis::persistence, Native, needs [REDIS],
        "Redis itself restarts, with persistence and without"
        => "Redis remembers what it wrote to disk. With an append-only file the count goes on; \
            without one it starts again."

        "switch": containers::switch, Compose, needs [],
        "The exercise: plain localhost, switched from files to Redis"
        => "One line, or here one variable, mends it. The application is the same."

        "container-restart": containers::restart, Compose, needs [],
        "docker restart of an instance: memory, then Redis"
        => "A restarted container is a restarted server. It loses the sessions in its memory, but not \
            those in Redis."

        "container-kill": containers::kill, Compose, needs [],
        "docker kill of an instance: memory, then Redis"
        => "In memory, the sessions of the instance are lost. With Redis no visit was lost, and the \
            visitor saw no error."

        "scale": containers::scale, Compose, needs [],
        "From two instances to four, and down to one"
        => "With the session in Redis, instances come and go, and the visitor notices nothing."

        "down-up": containers::down_and_up, Compose, needs [],
        "docker compose down, and up again"
        => "The sessions are in the volume of Redis and outlive every container. (down -v would delete \
            them.)"
    }

    act II {
        "sticky": tempting::sticky::sticky, Native, needs [HAPROXY],
        shows [Sticky SecondInstance, Sticky InstanceDies, Sticky RollingDeploy],
        "Sticky sessions: memory, two instances, one killed, one drained"
        => "A sticky session ties a visitor to a process. When the process ends, its visitors lose \
            their session, whether it crashed or was drained with care."

        alone "shared-folder": tempting::shared_folder::shared_folder, Native, needs [REDIS, HAPROXY],
        shows [Folder SecondInstance, Folder TwoClicks],
        "A shared folder: files, two instances, one SESSION_DIR"
        => "It works until two instances write one session at the same time. Then a change that was \
            answered with 200 is lost."

        "cookie": tempting::cookie::cookie, Native, needs [REDIS, HAPROXY],
        shows [Cookie Restart, Cookie SecondInstance, Cookie InstanceDies, Cookie Logout, Cookie Over4Kb],
        "The session in the cookie: no store at all"
        => "The cookie survives whatever happens to a server. But the server cannot end the session, \
            it has little room, and every request carries all of it."

        alone "cookie-or-redis": tempting::cookie_or_redis::cookie_or_redis, Native, needs [REDIS, HAPROXY],
        shows [Cookie TwoClicks, Redis TwoClicks, Redis Over4Kb],
        "SessionX's table: cookie against Redis, measured"
        => "The cookie needs no server of its own, and every request carries it. Redis has room, \
            keeps both of two changes, and ends a session at the logout."

        "own-secrets": tempting::secrets::own_secrets, Both, needs [REDIS, HAPROXY],
        "Each instance has a secret of its own"
        => "The count stays at 0. Instances that share their sessions must share the secret too."

        "new-secret": tempting::secrets::new_secret, Both, needs [REDIS, HAPROXY],
        "The secret is replaced while visitors click"
        => "Accept the new secret first, then sign with it, and drop the old one last. Only visitors \
            who stay away between the last two steps are logged out."

        "cookie-to-redis": tempting::migration::cookie_to_redis, Both, needs [REDIS, HAPROXY],
        "From the cookie to Redis"
        => "A visitor with an old cookie sees no error, but starts again. With --migrate-cookies the \
            count goes on."
    }

    act III {
        "login-two": login::session::two, Both, needs [REDIS, HAPROXY],
        "A login with two instances"
        => "Alice logs in on one instance and is logged in on both. The greeting shows once, \
            not once on each."

        "login-fixation": login::session::fixation, Both, needs [REDIS, HAPROXY],
        "A session ID that an attacker knows"
        => "The login gives alice a new session ID, and the old one is worthless on every instance. \
            The attacker has gained nothing."

        "logout-on-one": login::logout::on_one_instance, Native, needs [],
        shows [Memory Logout, File Logout],
        "Memory and files: a logout on one instance"
        => "The other instance still has the session. Only a store that all instances share can log a \
            visitor out everywhere."

        "login-logout": login::logout::logout, Both, needs [REDIS, HAPROXY],
        shows [Redis Logout],
        "A logout on one instance"
        => "Logging out deleted the session, not only alice's cookie. A copy of the cookie is worth \
            nothing on any instance."

        "login-in-flight": login::logout::in_flight, Both, needs [REDIS, HAPROXY],
        "A logout while a request is in flight"
        => "A write or a new ID needs a session that still exists. A request that was in flight at \
            the logout does not bring the session back."

        "login-sessions": login::logout::sessions, Both, needs [REDIS, HAPROXY],
        "Two browsers, and one logs the other out"
        => "Revoking a session takes effect at once, on every instance."

        "login-message": login::message::message, Both, needs [REDIS, HAPROXY],
        "A message between instances"
        => "A message that one instance receives reaches the subscribers of all instances. It goes \
            through Redis, as the session does."

        "login-timeouts": login::timeouts::timeouts, Both, needs [REDIS, HAPROXY],
        "The two timeouts"
        => "Stay away, and you are logged out. Never leave, and some day you are logged out too."

        "sessions-viewer": containers::viewer, Compose, needs [],
        "The viewer: a page of all sessions, with a button"
        => "The session is in Redis. Ending it there ends it on every instance."
    }

    act IV {
        alone "killed": trouble::killed::under_load, Both, needs [REDIS, HAPROXY],
        "An instance is killed while 50 visitors click"
        => "When an instance is killed, the requests that it was serving fail, and hardly any others. \
            No visit was lost after a visitor had seen it counted."

        alone "rolling-deploy": trouble::deploy::rolling, Both, needs [REDIS, HAPROXY],
        shows [Redis RollingDeploy],
        "Both instances are replaced while 50 visitors click"
        => "A deploy fails no request and loses no visit. Each instance finishes what it has begun."

        "two-versions": trouble::versions::side_by_side, Native, needs [REDIS],
        "An old and a new version use the same sessions"
        => "A version that writes only the entries it has changed keeps the entries it does not know."

        "redis-frozen": trouble::redis::outage::frozen, Native, needs [REDIS, HAPROXY],
        "Redis freezes, then goes on"
        => "A frozen Redis costs each visitor a short wait and an honest 503. No session is lost, and \
            nothing has to be restarted."

        "redis-gone": trouble::redis::outage::gone, Native, needs [REDIS, HAPROXY],
        shows [Redis StoreGone],
        "Redis is gone, then comes back"
        => "While Redis is gone, every visit fails at once. When it is back, the instances find it \
            by themselves."

        "redis-slow": trouble::redis::outage::slow, Native, needs [REDIS],
        "Redis becomes slow"
        => "The limit holds for all commands of a request together. A visit that failed may have been \
            counted."

        "redis-full": trouble::redis::memory::full, Native, needs [REDIS],
        "Redis is full, and refuses writes"
        => "A full Redis with noeviction loses no session. It refuses every change until it has room."

        "redis-evicts": trouble::redis::memory::evicts, Native, needs [REDIS],
        "Redis is full, and evicts"
        => "An eviction policy logs out those who stayed away longest, and shows no error to anyone. \
            Sessions need noeviction."

        "redis-read-only": trouble::redis::refused::read_only, Native, needs [REDIS],
        "Redis becomes a replica"
        => "A replica serves no session. When the instance reaches a primary again, every session is \
            there."

        "redis-password": trouble::redis::refused::password, Native, needs [REDIS],
        "The password of Redis changes"
        => "A changed password causes errors only when a connection is replaced, perhaps much later. Let \
            Redis accept both passwords until every instance has the new one."

        "redis-connections": trouble::redis::refused::connections, Native, needs [REDIS],
        "Redis is out of connections"
        => "An instance keeps its connections, so it feels the shortage only when it needs a new one."

        "lost-updates": trouble::lost_updates::at_once, Native, needs [REDIS],
        "20 requests of one visitor at once"
        => "Reading a number, adding 1 and writing it loses updates. Let the session layer try again \
            (update), or let Redis do it in one step (INCR)."

        "late-write": trouble::late_write::late, Native, needs [REDIS],
        "A write that arrives two seconds late"
        => "A late write that checks only that the session exists can undo newer visits. A late write \
            that checks the version changes nothing."

        "redis-paused": containers::pause, Compose, needs [],
        "Redis freezes, then goes on"
        => "A frozen Redis costs an honest 503 within the timeout. No request hangs, and no session \
            is lost."

        "redis-container-restart": containers::restart_redis, Compose, needs [],
        "docker restart of Redis"
        => "Redis wrote every change to its append-only file, so the count goes on."

        "matrix": six_places::six_places, Native, needs [REDIS, HAPROXY],
        "Six places, eight incidents"
        => "Every cheaper place loses sessions or clicks, or ignores a logout. Redis does none of \
            these, but it is one more server that can fail."
    }
};
