//! All scenes, in the order in which they run.
//!
//! To add a scene:
//!
//! 1. Write an async function that takes a `Narrator`, in one of the files here. `counter.rs` starts with short ones.
//! 2. Add an entry to the table below, at the scene's place in the story.
//! 3. Run `scripts/demo.sh --once --scene NAME`.

mod containers;
mod counter;
mod login;
mod migration;
mod steps;

use crate::scene::{
    RunsIn::{Both, Compose, Native},
    Scene,
};

const REDIS: &str = "redis-server";
const HAPROXY: &str = "haproxy";

/// Builds the table of scenes. An entry has a name, a function, where it runs, which programs it needs there, a title,
/// and what it proves.
macro_rules! scenes {
    ($($name:literal: $file:ident::$function:ident, $runs_in:ident, needs $needs:expr,
       $title:literal => $proves:literal)*) => {
        &[$(Scene {
            name: $name,
            title: $title,
            proves: $proves,
            runs_in: $runs_in,
            needs: &$needs,
            steps: |narrator| Box::pin($file::$function(narrator)),
        }),*]
    };
}

/// All scenes, for processes and for containers.
#[rustfmt::skip]
pub(crate) const SCENES: &[Scene] = scenes! {
    "memory-restart": counter::memory_restart, Native, needs [],
    "Memory, one instance, restarted"
    => "The visitor still has the session ID, but the server has forgotten the session. \
        Memory does not survive a restart."

    "memory-two": counter::memory_two, Both, needs [HAPROXY],
    "Memory, two instances behind HAProxy"
    => "Each instance counts for itself. Two processes do not share their memory."

    "file-restart": counter::file_restart, Native, needs [],
    "Files, one instance, restarted"
    => "Files survive a restart. So are files enough?"

    "file-two": counter::file_two, Both, needs [HAPROXY],
    "Files, two instances behind HAProxy"
    => "Files are not enough. Each instance has its own, so the value shows at every other request."

    "two-ports": counter::two_ports, Native, needs [REDIS],
    "Two ports, no load balancer: files, then Redis"
    => "The load balancer is not to blame. Two file stores hold two values for one visitor; \
        Redis holds one."

    "redis-restart": counter::redis_restart, Native, needs [REDIS],
    "Redis, one instance, restarted"
    => "The session is not in the server, so the server may go and come back."

    "redis-two": counter::redis_two, Both, needs [REDIS, HAPROXY],
    "Redis, two instances behind HAProxy"
    => "Both instances see the same session. One shared store mends what memory and files broke."

    "redis-kill": counter::redis_kill, Native, needs [REDIS, HAPROXY],
    "Redis, two instances, one killed"
    => "No visit was lost, and the visitor saw no error. HAProxy turned to the other instance, \
        which found the session in Redis."

    "redis-persistence": counter::redis_persistence, Native, needs [REDIS],
    "Redis itself restarts, with persistence and without"
    => "Redis remembers what it wrote to disk. With an append-only file the count goes on; \
        without one it starts again."

    "login-two": login::two, Both, needs [REDIS, HAPROXY],
    "A login with two instances"
    => "Alice logs in on one instance and is logged in on both. The greeting shows once, \
        not once on each."

    "login-fixation": login::fixation, Both, needs [REDIS, HAPROXY],
    "A session ID that an attacker knows"
    => "The login gives alice a new session ID, and the old one is worthless on every instance. \
        The attacker has gained nothing."

    "taken-back": counter::taken_back, Native, needs [],
    "Memory and files: a value removed on one instance"
    => "The other instance still has the value. Only a store that all instances share can log a \
        visitor out everywhere."

    "login-logout": login::logout, Both, needs [REDIS, HAPROXY],
    "A logout on one instance"
    => "Logging out deleted the session, not only alice's cookie. A copy of the cookie is worth \
        nothing on any instance."

    "login-in-flight": login::in_flight, Both, needs [REDIS, HAPROXY],
    "A logout while a request is in flight"
    => "A write or a new ID needs a session that still exists. A request that was in flight at \
        the logout does not bring the session back."

    "login-sessions": login::sessions, Both, needs [REDIS, HAPROXY],
    "Two browsers, and one logs the other out"
    => "Revoking a session takes effect at once, on every instance."

    "login-message": login::message, Both, needs [REDIS, HAPROXY],
    "A message between instances"
    => "A message that one instance receives reaches the subscribers of all instances. It goes \
        through Redis, as the session does."

    "login-timeouts": login::timeouts, Both, needs [REDIS, HAPROXY],
    "The two timeouts"
    => "Stay away, and you are logged out. Never leave, and some day you are logged out too."

    "cookie-to-redis": migration::cookie_to_redis, Both, needs [REDIS, HAPROXY],
    "From the cookie to Redis"
    => "A visitor with an old cookie sees no error, but starts again. With --migrate-cookies the \
        count goes on."

    "switch": containers::switch, Compose, needs [],
    "The exercise: plain localhost, switched from files to Redis"
    => "One line, or here one variable, mends it. The application is the same."

    "container-restart": containers::restart, Compose, needs [],
    "docker restart of an instance: memory, then Redis"
    => "A restarted container is a restarted server. What it had in memory is lost; what is in \
        Redis is not."

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

    "sessions-viewer": containers::viewer, Compose, needs [],
    "The viewer: a page of all sessions, with a button"
    => "The session is in Redis. Ending it there ends it on every instance."

    "redis-paused": containers::pause, Compose, needs [],
    "Redis freezes, then goes on"
    => "A frozen Redis costs an honest 503 within the timeout. No request hangs, and no session \
        is lost."

    "redis-container-restart": containers::restart_redis, Compose, needs [],
    "docker restart of Redis"
    => "Redis wrote every change to its append-only file, so the count goes on."
};
