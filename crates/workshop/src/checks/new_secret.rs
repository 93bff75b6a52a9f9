//! Exercise 15: a plan that replaces the secret and logs no visitor out.
//!
//! A right plan keeps these rules:
//!
//! - At each moment, each instance accepts every cookie that any instance has handed out within the idle timeout. A
//!   step replaces one instance after the other, so instances of two steps run side by side.
//! - At the end all instances sign with the new secret, and reject a cookie that the old one signed.
//!
//! The instances, the restarts and the cookies are real. Each visitor comes once, except for a regular one. No time
//! passes: a wait makes each cookie older, and a cookie is left out when its session would have expired.

mod cookies;
mod plan;

use anyhow::{Result, bail, ensure};
use testkit::{Demo, Instance, Persistence, Redis, Visitor};

use self::{
    cookies::{Cookie, IDLE_TIMEOUT, Server, is_accepted},
    plan::{Secret, Secrets, Step},
};
use crate::checker::{Checker, Finding};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let steps = plan::read(checker)?;
    let redis = Redis::start(&checker.env, Persistence::None).await?;
    let old = Secrets {
        sign: Secret::Old,
        accept: Vec::new(),
    };
    let mut servers = [
        start(checker, &redis, "app-1", (0, &old)).await?,
        start(checker, &redis, "app-2", (0, &old)).await?,
    ];
    checker.log(&format!("at first, app-1 and app-2: {old}"));
    let first = Cookie::from(&servers[0]).await?;
    let mut regular = first.visitor.clone();

    let mut cookies = Vec::new();
    let mut before = &old;
    for (number, Step { secrets, wait }) in (1..).zip(&steps) {
        visit(&servers, &mut cookies).await?;
        for turn in 0..servers.len() {
            let instance = &mut servers[turn].instance;
            let name = instance.name().to_owned();
            // SIGINT, because SIGTERM gives a load balancer time to notice. The check has none.
            instance.interrupt()?;
            instance.ended().await?;
            servers[turn] = start(checker, &redis, &name, (number, secrets)).await?;
            checker.log(&format!("step {number}, {name}: {secrets}"));
            visit(&servers, &mut cookies).await?;
            for cookie in &cookies {
                for server in &servers {
                    cookie.expect(server, before).await?;
                }
            }
            click(&mut regular, &servers).await?;
        }
        checker.log(&format!(
            "  both accept the cookies of {} visitors; wait {}",
            cookies.len(),
            humantime::format_duration(*wait)
        ));
        for cookie in &mut cookies {
            cookie.wait(*wait);
        }
        cookies.retain(Cookie::is_active);
        before = secrets;
    }
    expect_new(checker, &redis, &servers).await?;
    expect_old_rejected(checker, &first, &servers).await
}

/// Logs a new visitor in at each server.
async fn visit(servers: &[Server; 2], cookies: &mut Vec<Cookie>) -> Result<()> {
    for server in servers {
        cookies.push(Cookie::from(server).await?);
    }
    Ok(())
}

/// Lets the `regular` visitor, who comes all the time, click at each server.
async fn click(regular: &mut Visitor, servers: &[Server; 2]) -> Result<()> {
    for server in servers {
        let endpoint = server.instance.endpoint();
        let seen = regular.get(&endpoint, "/dashboard").await?;
        ensure!(
            seen.status == 200,
            "the regular visitor is logged out: {seen:?}"
        );
    }
    Ok(())
}

/// Starts an instance of demo-login with the `secrets` of the step with this number.
async fn start(
    checker: &Checker,
    redis: &Redis,
    name: &str,
    (step, secrets): (usize, &Secrets),
) -> Result<Server> {
    let (url, accepted) = (redis.url(), secrets.accepted());
    let settings = [
        ("REDIS_URL", url.as_str()),
        ("IDLE_TIMEOUT", IDLE_TIMEOUT.0),
        ("SESSION_KEY", secrets.sign.value()),
        ("ACCEPTED_SESSION_KEYS", &accepted),
        // All visitors log in as one user, from one address.
        ("SESSIONS_PER_USER", "1000"),
        ("LOGINS_PER_USER", "0"),
        ("LOGINS_PER_ADDRESS", "0"),
    ];
    let instance = Instance::started(&checker.env, Demo::Login, name, &settings).await?;
    Ok(Server {
        instance,
        secrets: secrets.clone(),
        step,
    })
}

/// Expects that all `servers` sign with the new secret, which an instance without the old one shows.
async fn expect_new(checker: &Checker, redis: &Redis, servers: &[Server; 2]) -> Result<()> {
    let new = Secrets {
        sign: Secret::New,
        accept: Vec::new(),
    };
    let judge = start(checker, redis, "app-3", (0, &new)).await?;
    checker.log("at the end, app-3 knows only the new secret");
    for server in servers {
        let cookie = Cookie::from(server).await?;
        if !is_accepted(&cookie.visitor, &judge).await? {
            let name = server.instance.name();
            let expected = format!("app-3 accepts a cookie of {name}");
            let observed = format!("app-3 rejects it ({name}: {})", server.secrets);
            let meaning = "after the last step an instance still signs with the old secret. Then the old secret can't be dropped";
            bail!(Finding::new(expected, observed, meaning).at(Some(name)));
        }
    }
    Ok(())
}

/// Expects that no server accepts the `first` cookie, which the old secret signed.
async fn expect_old_rejected(
    checker: &Checker,
    first: &Cookie,
    servers: &[Server; 2],
) -> Result<()> {
    checker.log("the first cookie of the regular visitor, who is still logged in");
    for server in servers {
        if is_accepted(&first.visitor, server).await? {
            let name = server.instance.name();
            let expected = "all instances reject what the old secret signed";
            let observed = format!("{name} accepts it ({})", server.secrets);
            let meaning = "after the last step the old secret is still good. Anyone who has it can sign cookies, as before";
            bail!(Finding::new(expected, observed, meaning).at(Some(name)));
        }
    }
    Ok(())
}
