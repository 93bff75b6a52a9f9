//! The table of the tutorial `SessionX`, cookie against Redis, with cells that this run measures.

use anyhow::{Context, Result};
use testkit::{Demo, Deployment, Instance};

use super::timing::medians;
use crate::{narrator::Narrator, visitor::Visitor};

/// A secret that the other instances do not have.
const OTHER_SECRET: (&str, &str) = ("SESSION_KEY", "another secret of at least thirty-two bytes");

/// The longest value that the counter application takes, in characters.
const LONGEST: usize = 1024;

/// A place where sessions live: two instances behind HAProxy, one with another secret, and a visitor.
struct Place {
    servers: Deployment,
    stranger: Instance,
    visitor: Visitor,
}

pub(crate) async fn cookie_or_redis(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The tutorial SessionX compares the two in a table, from its data limit to its \
         performance. Here is that table, measured. The last two rows are ours.",
    )?;
    let mut cookie = place(narrator, Demo::Cookie).await?;
    let mut redis = place(narrator, Demo::Redis).await?;
    let places = [&cookie, &redis].map(|it| Visitor::new(&it.servers.instances[0].endpoint()));
    let times = narrator.act("time requests", medians(places)).await?;

    narrator.row("", ["in the cookie", "in Redis"], None)?;
    let cells = [data(&mut cookie).await?, data(&mut redis).await?];
    let [readable, hidden] = ["readable in the cookie", "not in the cookie"];
    narrator.row("session data", words(&cells), Some([readable, hidden]))?;
    let cells = [bytes(&mut cookie).await?, bytes(&mut redis).await?];
    narrator.row("cookie in each request", words(&cells), None)?;
    let cells = [shared(&mut cookie).await?, shared(&mut redis).await?];
    narrator.row("several servers", cells, Some(["shared", "shared"]))?;
    let cells = [at_once(&mut cookie).await?, at_once(&mut redis).await?];
    let expected = ["one change is lost", "both are kept"];
    narrator.row("two requests at once", cells, Some(expected))?;
    let cells = [limit(&mut cookie).await?, limit(&mut redis).await?];
    narrator.row("data limit", words(&cells), None)?;
    let cells = times.map(|millis| format!("{millis:.1} ms"));
    narrator.row("a request", words(&cells), None)?;
    let cells = [stranger(&mut cookie).await?, stranger(&mut redis).await?];
    let expected = ["session is lost", "session is lost"];
    narrator.row("server with own secret", cells, Some(expected))?;
    let cells = [replay(&mut cookie).await?, replay(&mut redis).await?];
    let expected = ["still works", "worthless"];
    narrator.row("copy after a logout", cells, Some(expected))?;
    narrator.say(
        "SessionX says that several servers need a shared secret with cookies, and need \
         nothing with Redis. Here they need one in both places, because the ID is signed too.",
    )
}

fn words(cells: &[String; 2]) -> [&str; 2] {
    [&cells[0], &cells[1]]
}

async fn place(narrator: &mut Narrator<'_>, demo: Demo) -> Result<Place> {
    let (mut servers, visitor) = narrator.balanced(demo, &[]).await?;
    let mut settings = vec![OTHER_SECRET];
    let url = servers.redis().map(|redis| redis.url()).unwrap_or_default();
    settings.push(("REDIS_URL", &url));
    let name = format!("{}-3", demo.host());
    let start = Instance::started(&narrator.env, demo, &name, &settings);
    let stranger = start.await?;
    Ok(Place {
        servers,
        stranger,
        visitor,
    })
}

/// Returns whether the visitor can read the session.
async fn data(place: &mut Place) -> Result<String> {
    place.visitor.get("/session/set/hello").await?;
    let entries = place.visitor.readable_entries()?;
    let readable = entries.is_some_and(|entries| entries["value"] == "hello");
    let place = if readable { "readable in" } else { "not in" };
    Ok(format!("{place} the cookie"))
}

/// Returns the size of the cookie when the session has a value of 1000 letters.
async fn bytes(place: &mut Place) -> Result<String> {
    let form = format!("value={}", "x".repeat(1000));
    place.visitor.submit("/session", &form).await?;
    Ok(format!("{} bytes", place.visitor.cookie()?.len()))
}

/// Returns whether two instances share the count.
async fn shared(place: &mut Place) -> Result<&'static str> {
    let first = place.visitor.get("/").await?;
    let second = place.visitor.get("/").await?;
    let next = first.count().map(|count| count + 1);
    let goes_on = second.count() == next && first.instance != second.instance;
    Ok(if goes_on { "shared" } else { "split" })
}

/// Returns whether both changes survive if two requests of one browser change different entries at once. The browser
/// keeps the cookie of the later response.
async fn at_once(place: &mut Place) -> Result<&'static str> {
    let before = place.visitor.get("/").await?.count().context("no count")?;
    let mut later = place.visitor.copied()?;
    tokio::try_join!(place.visitor.get("/"), later.get("/session/set/later"))?;
    let seen = later.get("/").await?;
    let both = seen.count() == Some(before + 2) && seen.value() == Some("later");
    Ok(if both {
        "both are kept"
    } else {
        "one change is lost"
    })
}

/// Returns how many bytes of JSON fit into one value.
async fn limit(place: &mut Place) -> Result<String> {
    // The numbers of control characters that fit, and that do not. JSON takes six bytes for each of them.
    let (mut fits, mut too_large) = (0, LONGEST + 1);
    while fits + 1 < too_large {
        let count = usize::midpoint(fits, too_large);
        let form = format!("value={}", "%01".repeat(count));
        match place.visitor.submit("/session", &form).await?.status {
            413 => too_large = count,
            _ => fits = count,
        }
    }
    let more_than = if fits == LONGEST { "more than " } else { "" };
    Ok(format!("{more_than}{} bytes", 6 * fits))
}

/// Returns what a server with another secret makes of the session.
async fn stranger(place: &mut Place) -> Result<&'static str> {
    let mut visitor = place.visitor.copied()?;
    let seen = visitor.at(&place.stranger.endpoint()).get("/").await?;
    Ok(match seen.count() {
        Some(0) => "session is lost",
        _ => "session goes on",
    })
}

/// Returns what a copy of the cookie is worth after the logout.
async fn replay(place: &mut Place) -> Result<&'static str> {
    let mut copy = place.visitor.copied()?;
    place.visitor.post("/logout", "").await?;
    Ok(match copy.get("/").await?.count() {
        Some(0) => "worthless",
        _ => "still works",
    })
}
