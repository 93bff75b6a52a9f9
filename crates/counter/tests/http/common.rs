//! Starts an instance and sends requests to it.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Demo, Endpoint, Instance, Response, TestEnv, Visitor};

/// Starts `demo-memory` as the instance `memory-1`. Returns it with its endpoint and a visitor without cookies.
pub(crate) async fn memory() -> Result<(Instance, Endpoint, Visitor)> {
    let server = Instance::started(&TestEnv::new()?, Demo::Memory, "memory-1", &[]).await?;
    let endpoint = server.endpoint();
    Ok((server, endpoint, Visitor::new()))
}

/// Gets `path` in the format that `accept` names.
pub(crate) async fn get_as(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    path: &str,
    accept: &str,
) -> Result<Response> {
    let request = visitor.request(Method::GET, endpoint, path);
    let request = request.insert_header(("Accept", accept));
    visitor.send(request, "").await
}

/// Posts `form` to `path` as a browser does.
pub(crate) async fn post_as_browser(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    path: &str,
    form: &str,
) -> Result<Response> {
    let request = visitor.request(Method::POST, endpoint, path);
    let request = request.content_type("application/x-www-form-urlencoded");
    let request = request.insert_header(("Accept", "text/html"));
    visitor.send(request, form.to_owned()).await
}
