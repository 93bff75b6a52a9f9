//! The commands that the store sends to Redis.

use std::time::Duration;

use deadpool_redis::redis::{Arg, Cmd, FromRedisValue, RedisWrite, ToRedisArgs, cmd};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    connection::{LostReply, SharedConnection},
    error::RedisStoreError,
    options::Options,
    scripts::{self, Script},
};
use crate::{Loaded, OldId, Record, StoreError, id, record};

/// How long requests that were in flight at a change of the ID still find the session.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(60);

/// The commands, on keys that begin with one prefix. Each clone has a connection of its own.
#[derive(Debug, Clone)]
pub(super) struct Commands {
    pub(super) connection: SharedConnection,
    pub(super) options: Options,
}

/// A session's ID, its text, and its TTL in milliseconds.
pub(super) type Listed = (String, Vec<u8>, i64);

/// Where an ID leads.
pub(super) enum Resolved {
    /// To the session with this ID and this text, which may be malformed.
    Session(Uuid, Vec<u8>),
    /// To a session that has ended, or that the request may not use.
    Nowhere,
    /// Nothing is stored under the ID.
    Unused,
}

/// The answer of a script that replaces a session. `None` means that it has. Otherwise it has written nothing, and the
/// answer has the reason. `conflict` comes with the text of the newer session. `moved` means that the session has a new
/// ID, and `gone` that it has ended.
pub(super) type Replaced = Option<(String, Vec<u8>)>;

/// Which sessions of a user are wanted.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    All,
    /// All but the session that asks.
    Others,
    /// The one with this handle.
    One(&'a str),
}

impl Commands {
    /// Begins the command `name` for the session `id`.
    fn command(&self, name: &str, id: Uuid) -> Cmd {
        let mut command = Cmd::with_capacity(8, 128);
        command.arg(name);
        command.write_arg_fmt(format_args!("{}{id}", self.options.prefix));
        command
    }

    /// Returns the session to which `id` leads for a visitor, and renews its idle timeout.
    pub(super) async fn load(&self, id: Uuid) -> Result<Resolved, RedisStoreError> {
        let idle = self.options.timeouts.idle;
        let mut get = self.command(if idle.is_some() { "GETEX" } else { "GET" }, id);
        if idle.is_some() {
            get.arg("PX").arg(Millis(idle));
        }
        match self.connection.query(&get, LostReply::SendAgain).await {
            Ok(None) => Ok(Resolved::Unused),
            Ok(Some(text)) => Ok(Resolved::Session(id, text)),
            Err(error) if error.code() == Some("WRONGTYPE") => {
                Box::pin(self.resolve(id, Some(record::now()))).await
            }
            Err(error) => Err(error),
        }
    }

    /// Returns where `id` leads for a visitor `now`, and renews the idle timeout of that session. Without a time, it
    /// follows redirects for a request that loaded the session before their grace ended.
    pub(super) async fn resolve(
        &self,
        id: Uuid,
        now: Option<OffsetDateTime>,
    ) -> Result<Resolved, RedisStoreError> {
        let now = now
            .map(|now| unix_millis(now).to_string())
            .unwrap_or_default();
        let idle = self.options.timeouts.idle;
        let arguments = (Id(id), now, Millis(idle), Millis(Some(IN_FLIGHT)));
        let reply = self.run(&scripts::LOAD, arguments, LostReply::SendAgain);
        let found: Option<Vec<Vec<u8>>> = reply.await?;
        Ok(match found.as_deref() {
            Some([]) => Resolved::Unused,
            Some([id, text]) => Uuid::try_parse_ascii(id)
                .map_or(Resolved::Nowhere, |id| Resolved::Session(id, text.clone())),
            _ => Resolved::Nowhere,
        })
    }

    /// Ends the time in which `previous` leads to the session `id`: only the grace remains.
    pub(super) async fn confirm(&self, id: Uuid, previous: Uuid) -> Result<(), RedisStoreError> {
        let until = unix_millis(record::now() + self.options.rotation_grace);
        let ttl = Millis(Some(self.options.rotation_grace + IN_FLIGHT));
        let arguments = (Id(id), Id(previous), until, ttl);
        self.run(&scripts::CONFIRM, arguments, LostReply::SendAgain)
            .await
    }

    /// Writes a session under an unused ID. Returns false if the ID is in use.
    pub(super) async fn create(&self, record: &Record) -> Result<bool, StoreError> {
        if record.user.is_some() {
            let arguments = self.arguments(record)?;
            let created = self.run(&scripts::CREATE, arguments, LostReply::SendAgain);
            return Ok(Box::pin(self.in_time(record.id, created)).await?);
        }
        let text = record.encode()?;
        let mut set = self.command("SET", record.id);
        set.arg(&text).arg("NX");
        if let Some(ttl) = self.options.timeouts.ttl(record, record::now()) {
            set.arg("PX").arg(Millis(Some(ttl)));
        }
        let created: Option<String> = self.connection.query(&set, LostReply::SendAgain).await?;
        if created.is_some() {
            return Ok(true);
        }
        // If the first reply was lost, the session is there already.
        let get = self.command("GET", record.id);
        let stored: Option<Vec<u8>> = self.connection.query(&get, LostReply::SendAgain).await?;
        Ok(stored == Some(text))
    }

    /// Waits for `login`, which creates the session `id` of a user. If the reply does not come in time, ends that
    /// session again: its ID never reaches the visitor, but the session would be listed.
    ///
    /// Box its future: it is large and rare, and would make the futures of all changes as large.
    async fn in_time<T>(
        &self,
        id: Uuid,
        login: impl Future<Output = Result<T, RedisStoreError>>,
    ) -> Result<T, RedisStoreError> {
        let mut end = cmd("EVAL");
        end.arg(&scripts::DELETE.text)
            .arg(1)
            .arg(&self.options.prefix);
        end.arg(&[&id.to_string(), "", ""]);
        let undo = self.connection.undo(end).await?;
        let reply = login.await;
        if !reply.as_ref().is_err_and(RedisStoreError::is_lost_reply) {
            undo.forget();
        }
        reply
    }

    /// Replaces a session that still has the version `read`.
    pub(super) async fn save(&self, record: &Record, read: u64) -> Result<Replaced, StoreError> {
        let ttl = Millis(self.options.timeouts.ttl(record, record::now()));
        let arguments = (Id(record.id), record.encode()?, ttl, read);
        // If a write of another request came between two attempts, the second attempt could not recognize the write of
        // the first. Then the caller would apply its change twice.
        Ok(self.run(&scripts::SAVE, arguments, LostReply::Fail).await?)
    }

    /// Replaces the session `old`, if it still has the version that was read, by `record` with a new ID. Without a
    /// version it imports `old`. `old_id` decides whether visitors with the old ID are redirected.
    pub(super) async fn rotate(
        &self,
        record: &Record,
        old: &Loaded,
        old_id: OldId,
    ) -> Result<Replaced, StoreError> {
        let (timeouts, now) = (&self.options.timeouts, record::now());
        let redirect_ttl = match (old.version, old_id) {
            // As long as a copy of the cookie could be imported. The grace is for clocks that differ.
            (None, _) => {
                let grace = self.options.rotation_grace;
                timeouts
                    .ttl(&old.record, now)
                    .map(|ttl| ttl + IN_FLIGHT + grace)
            }
            (_, OldId::Redirects) => timeouts.ttl(record, now).map(|ttl| ttl + IN_FLIGHT),
            (_, OldId::Stops) => Some(IN_FLIGHT),
        };
        let redirect = (
            Id(old.record.id),
            old.version.map(|read| read.to_string()).unwrap_or_default(),
            if old_id == OldId::Redirects { "1" } else { "" },
            Millis(redirect_ttl),
            old.imported_from.as_deref().unwrap_or_default(),
        );
        let arguments = (self.arguments(record)?, redirect);
        let rotated = self.run(&scripts::ROTATE, arguments, LostReply::SendAgain);
        let is_login = record.user.is_some() && record.handle() != old.record.handle();
        Ok(if is_login {
            Box::pin(self.in_time(record.id, rotated)).await?
        } else {
            rotated.await?
        })
    }

    /// Ends the session to which `id` leads.
    pub(super) async fn delete(&self, id: Uuid) -> Result<(), RedisStoreError> {
        let arguments = (Id(id), "", "");
        self.run(&scripts::DELETE, arguments, LostReply::SendAgain)
            .await
    }

    /// Ends the session to which `id` leads, and deletes the key `name`.
    pub(super) async fn delete_with(&self, id: Uuid, name: &str) -> Result<(), RedisStoreError> {
        let arguments = (Id(id), "", "", name);
        self.run(&scripts::DELETE, arguments, LostReply::SendAgain)
            .await
    }

    /// Returns the text under the key `name`, which no other command of the store uses.
    pub(super) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, RedisStoreError> {
        self.connection
            .query(&Cmd::get(name), LostReply::SendAgain)
            .await
    }

    /// Ends the session that was imported from a cookie with the session `brought`, or keeps that from being imported.
    pub(super) async fn delete_imported(&self, brought: &Record) -> Result<(), RedisStoreError> {
        let ttl = self.options.timeouts.ttl(brought, record::now());
        let ttl = Millis(ttl.map(|ttl| ttl + IN_FLIGHT));
        let arguments = (Id(brought.id), Id(id::fresh()), ttl);
        self.run(&scripts::DELETE, arguments, LostReply::SendAgain)
            .await
    }

    /// Returns the sessions of `user` that are `wanted`, and ends them if `ends`. If the index has lost the session
    /// `own`, ends nothing and returns `None`.
    pub(super) async fn sessions(
        &self,
        user: &str,
        own: Option<Uuid>,
        wanted: Wanted<'_>,
        ends: bool,
    ) -> Result<Option<Vec<Listed>>, RedisStoreError> {
        let own = own.map(|id| id.to_string()).unwrap_or_default();
        let (wanted, handle) = match wanted {
            Wanted::All => ("all", ""),
            Wanted::Others => ("others", ""),
            Wanted::One(handle) => ("one", handle),
        };
        let (ends, lost_reply) = if ends {
            // A second attempt would not return what the first one has ended.
            ("1", LostReply::Fail)
        } else {
            ("", LostReply::SendAgain)
        };
        let arguments = (user, own, wanted, handle, ends);
        self.run(&scripts::SESSIONS, arguments, lost_reply).await
    }

    /// Returns what a script needs to write `record`, and to enter it in its user's index.
    fn arguments(&self, record: &Record) -> Result<impl ToRedisArgs + use<>, StoreError> {
        let (timeouts, now) = (&self.options.timeouts, record::now());
        Ok((
            Id(record.id),
            record.encode()?,
            Millis(timeouts.ttl(record, now)),
            unix_millis(record.created_at),
            Millis(timeouts.remaining(record, now)),
            self.options.sessions_per_user,
        ))
    }

    /// Runs `script`. Redis keeps it, so usually its name is enough.
    fn run<T: FromRedisValue>(
        &self,
        script: &'static Script,
        arguments: impl ToRedisArgs,
        lost_reply: LostReply,
    ) -> impl Future<Output = Result<T, RedisStoreError>> {
        // Room for all arguments with most records.
        let mut command = Cmd::with_capacity(16, 1024);
        command.arg("EVALSHA").arg(&script.sha1).arg(1);
        command.arg(&self.options.prefix).arg(arguments);
        self.evaluate(script, command, lost_reply)
    }

    /// Sends `command`, which names `script`. Sends the script itself if Redis does not have it.
    async fn evaluate<T: FromRedisValue>(
        &self,
        script: &Script,
        command: Cmd,
        lost_reply: LostReply,
    ) -> Result<T, RedisStoreError> {
        let reply = self.connection.query(&command, lost_reply).await;
        if reply
            .as_ref()
            .is_err_and(|error| error.code() == Some("NOSCRIPT"))
        {
            return Box::pin(self.send(script, &command, lost_reply)).await;
        }
        reply
    }

    /// Sends `script` itself, with the arguments of `command`, which names it.
    async fn send<T: FromRedisValue>(
        &self,
        script: &Script,
        command: &Cmd,
        lost_reply: LostReply,
    ) -> Result<T, RedisStoreError> {
        let mut eval = cmd("EVAL");
        eval.arg(&script.text);
        for argument in command.args_iter().skip(2) {
            if let Arg::Simple(argument) = argument {
                eval.arg(argument);
            }
        }
        self.connection.query(&eval, lost_reply).await
    }
}

/// A session ID as an argument of a script.
struct Id(Uuid);

impl ToRedisArgs for Id {
    fn write_redis_args<W: RedisWrite + ?Sized>(&self, out: &mut W) {
        let mut buffer = Uuid::encode_buffer();
        let text = self.0.hyphenated().encode_lower(&mut buffer);
        out.write_arg(text.as_bytes());
    }
}

/// A TTL for a script or for Redis, which accepts no TTL of zero. Without a TTL the argument is empty.
struct Millis(Option<Duration>);

impl ToRedisArgs for Millis {
    fn write_redis_args<W: RedisWrite + ?Sized>(&self, out: &mut W) {
        match self.0 {
            Some(ttl) => out.write_arg_fmt(ttl.as_millis().max(1)),
            None => out.write_arg(b""),
        }
    }
}

/// Returns `time` in milliseconds since 1970. They have 13 digits, so they compare like texts.
fn unix_millis(time: OffsetDateTime) -> i128 {
    time.unix_timestamp_nanos() / 1_000_000
}
