//! What most tests need: the world, people who sign in, and a look at who answers.

use actix_web::http::Method;
use anyhow::{Context, Result, ensure};
use testkit::{Demo, Deployment, Endpoint, Response, TestEnv, Topology, Visitor};

/// Two instances, `webserver-1` and `webserver-2`, behind HAProxy, and one Redis.
pub(crate) async fn deployment(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Deployment> {
    Deployment::start_with(env, Topology::balanced(Demo::Login), settings).await
}

/// A visitor who has just signed in, through the balancer or not.
pub(crate) async fn signed_in(endpoint: &Endpoint, user: &str) -> Result<Visitor> {
    let mut visitor = Visitor::new();
    sign_in(&mut visitor, endpoint, user).await?;
    Ok(visitor)
}

/// Signs in with JSON, as programs do.
pub(crate) async fn sign_in(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    user: &str,
) -> Result<Response> {
    let seen = visitor
        .post_json(
            endpoint,
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
    endpoint: &Endpoint,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Response> {
    let request = visitor.request(method, endpoint, path);
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
    endpoint: &Endpoint,
) -> Result<Option<String>> {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = visitor.get(endpoint, "/dashboard").await?;
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
