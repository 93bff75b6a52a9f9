//! The page with the results.

use std::fmt::Write;

use crate::{
    load::Sample,
    machine,
    run::{Closer, Results},
    server,
    stats::Spread,
};

/// Returns the page, in Markdown.
pub(crate) fn page(results: &Results) -> String {
    let quick = if results.quick { " with `--quick`" } else { "" };
    let (date, minutes) = (machine::date(), results.minutes);
    let (machine, versions) = (machine::machine(), machine::versions());
    let rounds = results
        .changes
        .first()
        .map_or(0, |(_, samples)| samples.len());
    let (costs, closer) = (costs(results), closer(&results.closer));
    let (frozen, many, idle) = (frozen(&results.closer), many(results), idle(results));
    format!(
        "# What does a session cost?

`scripts/bench.sh`{quick} wrote this page on {date}, in {minutes} minutes.

{machine}. {versions}.

![CPU time for a request, by server](benchmark.svg)

Every server counts a visit in the session with each request, and has one worker thread. wrk keeps 64
connections busy, each with a session of its own. One machine runs wrk, Redis and the server. The
servers took turns, in {rounds} rounds. The table has the median of the rounds, and in parentheses the
smallest and the largest value. CPU time is the steadier figure: it depends less on what else the
machine does. The run fails unless each response has the status 200 and the next count of its session.

{costs}
`demo-…` are the programs of this project, with their log off unless it is named. The others are small
programs in `bench/` with the same two routes, on actix-web unless they are named axum. All stores on
actix-web run under the middleware of actix-session, except where our layer is named. All programs are
built in one profile: release, with link-time optimization. The session files are in the system's
folder for temporary files.

For the same request our stores do more. At each write they check that the session still has the
version that was read. They limit the time that a request waits, and keep two timeouts.

## Other requests

CPU time of the server for a request, in µs, and the times that a visitor waits, in ms. *Anonymous*
requests have no cookie, and *reads* change nothing. At half load the connections pause between two
requests, so that the server handles about half as many requests as it could.

{closer}
## Redis is frozen for two seconds

Eight visitors send one request after another. A response that comes while Redis is frozen is an error.
It ends the wait, so the visitor can try again. Without a response, the visitor goes on waiting.

{frozen}
## A million sessions

The requests visit 19,200 of the sessions in Redis, one after another, or all if there are fewer.

{many}
## An idle session

The table shows the bytes that a session with one number takes while no request uses it.

{idle}"
    )
}

/// Returns the table of what each server costs.
pub(crate) fn costs(results: &Results) -> String {
    let reference = results
        .changes
        .iter()
        .find(|(it, _)| *it == server::ACTIX_NEW);
    let reference = reference.map(|(_, samples)| spread(samples, |it| it.cpu).median);
    let mut table = "| server | CPU for a request, µs | compared with `new` | requests per second | CPU of Redis, µs |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for (subject, samples) in &results.changes {
        let cpu = spread(samples, |it| it.cpu);
        let ratio = reference.map_or("-".to_owned(), |it| format!("{:.2}", cpu.median / it));
        let per_second = spread(samples, |it| it.per_second);
        let redis = spread(samples, |it| it.redis_cpu).median;
        let redis = if redis < 0.5 {
            "-".to_owned()
        } else {
            format!("{redis:.1}")
        };
        let _ = writeln!(
            table,
            "| {} | {:.1} ({:.1}–{:.1}) | {ratio} | {:.0} ({:.0}–{:.0}) | {redis} |",
            subject.name,
            cpu.median,
            cpu.min,
            cpu.max,
            per_second.median,
            per_second.min,
            per_second.max,
        );
    }
    table
}

fn closer(servers: &[Closer]) -> String {
    let mut table =
        "| server | anonymous, µs | read, µs | 1 connection: µs, p50 ms | 512 connections: µs, p99 ms | half load: p50, p99 ms |\n\
         |---|---|---|---|---|---|\n"
            .to_owned();
    for server in servers {
        let cpu = |samples| spread(samples, |it| it.cpu).median;
        let p50 = |samples| spread(samples, |it| it.p50).median;
        let p99 = |samples| spread(samples, |it| it.p99).median;
        let _ = writeln!(
            table,
            "| {} | {:.1} | {:.1} | {:.1}, {:.2} | {:.1}, {:.1} | {:.2}, {:.2} |",
            server.subject.name,
            cpu(&server.anonymous),
            cpu(&server.read),
            cpu(&server.one_connection),
            p50(&server.one_connection),
            cpu(&server.many_connections),
            p99(&server.many_connections),
            p50(&server.half_load),
            p99(&server.half_load),
        );
    }
    table
}

fn frozen(servers: &[Closer]) -> String {
    let mut table =
        "| server | longest wait, ms | responses meanwhile | first success after it, ms |\n|---|---|---|---|\n"
            .to_owned();
    for server in servers {
        let frozen = server.frozen;
        let recovered = frozen.recovered.map(|it| format!("{it:.0}"));
        let _ = writeln!(
            table,
            "| {} | {:.0} | {} | {} |",
            server.subject.name,
            frozen.longest,
            frozen.answered,
            recovered.unwrap_or_else(|| "none in 8 s".to_owned()),
        );
    }
    table
}

fn many(results: &Results) -> String {
    let name = server::LAYER.name;
    let mut table = format!(
        "| sessions | {name}: CPU for a request, µs | CPU of Redis, µs | p50, ms |\n|---|---|---|---|\n"
    );
    for (count, samples) in &results.many {
        let cpu = spread(samples, |it| it.cpu);
        let _ = writeln!(
            table,
            "| {count} | {:.1} ({:.1}–{:.1}) | {:.1} | {:.2} |",
            cpu.median,
            cpu.min,
            cpu.max,
            spread(samples, |it| it.redis_cpu).median,
            spread(samples, |it| it.p50).median,
        );
    }
    table
}

fn idle(results: &Results) -> String {
    let mut table = "| store | memory of the server | memory of Redis | disk | cookie |\n|---|---|---|---|---|\n".to_owned();
    for (subject, idle) in &results.idle {
        // A server's own buffers vary by a few bytes for each session.
        let bytes = |bytes: f64| {
            if bytes < 24.0 {
                "-".to_owned()
            } else {
                format!("{bytes:.0}")
            }
        };
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {:.0} |",
            subject.name,
            bytes(idle.server),
            bytes(idle.redis),
            bytes(idle.disk),
            idle.cookie
        );
    }
    table
}

fn spread(samples: &[Sample], value: impl Fn(&Sample) -> f64) -> Spread {
    Spread::of(samples.iter().map(value))
}
