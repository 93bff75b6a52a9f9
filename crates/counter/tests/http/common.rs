//! Starts an instance and sends requests to it.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Demo, Endpoint, Instance, Response, TestEnv, Visitor};

/// Starts `demo-memory`, called `memory-1` unless `settings` name it.
pub(crate) async fn memory(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Instance> {
    Instance::started(env, Demo::Memory, "memory-1", settings).await
}

/// Gets `path` in the format that `accept` names.
pub(crate) async fn get_as(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    path: &str,
    accept: &str,
) -> Result<Response> {
    let request = visitor.request(Method::GET, endpoint, path);
    visitor
        .send(request.insert_header(("Accept", accept)), "")
        .await
}
