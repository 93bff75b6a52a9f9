//! A counter for every visitor, logged in or not. It changes the session with a GET because its
//! tutorial does.

use actix_web::{
    Error, Responder,
    web::{Data, Json},
};
use serde_json::json;
use server::InstanceInfo;

use crate::session::LoginSession;

pub(crate) async fn count(
    session: LoginSession,
    instance: Data<InstanceInfo>,
) -> Result<impl Responder, Error> {
    Ok(Json(
        json!({ "count": session.count_up()?, "storage": instance.store() }),
    ))
}
