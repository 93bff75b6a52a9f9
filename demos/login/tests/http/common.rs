//! What most tests need: the world, people who sign in, and a look at who answers.

use actix_web::http::Method;
use anyhow::{Context, Result, ensure};
use testkit::{Demo, Front, Observation, Plan, Stage, Visitor, World};

/// Two instances, `webserver-1` and `webserver-2`, behind HAProxy, and one Redis.
pub(crate) async fn world(stage: &Stage, settings: &[(&str, &str)]) -> Result<World> {
    World::start_with(stage, Plan::balanced(Demo::Login), settings).await
}

/// A visitor who has just signed in, through the balancer or not.
pub(crate) async fn signed_in(front: &Front, user: &str) -> Result<Visitor> {
    let mut visitor = Visitor::new();
    sign_in(&mut visitor, front, user).await?;
    Ok(visitor)
}

/// Signs in with JSON, as programs do.
pub(crate) async fn sign_in(
    visitor: &mut Visitor,
    front: &Front,
    user: &str,
) -> Result<Observation> {
    let seen = visitor
        .post_json(
            front,
            "/login",
            &serde_json::json!({ "userId": user }).to_string(),
        )
        .await?;
    ensure!(seen.status == 200, "{seen:?}");
    Ok(seen)
}

/// Asks for `path` with further `headers`.
pub(crate) async fn ask(
    visitor: &mut Visitor,
    method: Method,
    front: &Front,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Observation> {
    let request = visitor.request(method, front, path);
    visitor
        .send(
            headers
                .iter()
                .fold(request, |request, header| request.insert_header(*header)),
            "",
        )
        .await
}

/// Asks for the dashboard until each instance has answered; they must agree. Who is welcome, if anybody.
pub(crate) async fn welcome_everywhere(
    visitor: &mut Visitor,
    front: &Front,
) -> Result<Option<String>> {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = visitor.get(front, "/dashboard").await?;
        let first = answer.body.lines().next().unwrap_or_default();
        let who = match (answer.status, answer.header("location")) {
            (200, _) => Some(
                first
                    .strip_prefix("Welcome ")
                    .and_then(|rest| rest.strip_suffix('!'))
                    .context("no welcome")?
                    .to_owned(),
            ),
            (303, Some("/login")) => None,
            _ => anyhow::bail!("{answer:?}"),
        };
        seen.push((answer.instance, who));
    }
    ensure!(
        seen[0].0 != seen[1].0,
        "one instance answered twice: {seen:?}"
    );
    ensure!(seen[0].1 == seen[1].1, "they don't agree: {seen:?}");
    Ok(seen.pop().and_then(|(_, who)| who))
}
