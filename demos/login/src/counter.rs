//! A counter for every visitor, logged in or not. It changes the session with a GET because its tutorial does.

use actix_web::{
    Responder,
    web::{Data, Json},
};
use serde_json::json;
use server::InstanceInfo;
use session_layer::SessionError;

use crate::session::LoginSession;

pub(crate) async fn count(
    session: LoginSession,
    instance: Data<InstanceInfo>,
) -> Result<impl Responder, SessionError> {
    let count = session.count_up().await?;
    Ok(Json(json!({ "count": count, "storage": instance.store() })))
}
