//! A counter for every visitor, logged in or not. It changes the session with a GET because its tutorial does.

use actix_web::{
    Responder,
    web::{Data, Json},
};
use serde::Serialize;
use server::InstanceInfo;
use session_layer::SessionError;

use crate::session::LoginSession;

pub(crate) async fn count(
    session: LoginSession,
    instance: Data<InstanceInfo>,
) -> Result<impl Responder, SessionError> {
    let count = session.count_up().await?;
    let storage = instance.store();
    Ok(Json(Count { count, storage }))
}

#[derive(Serialize)]
struct Count {
    count: u64,
    storage: &'static str,
}
