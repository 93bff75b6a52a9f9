//! A counter, for everybody. It is a GET because its tutorial has it so.

use actix_web::{Error, Responder, web::Data};
use serde::Serialize;
use server::InstanceInfo;

use crate::visit::Visit;

#[derive(Serialize)]
struct Counter {
    count: u64,
    storage: &'static str,
}

pub(crate) async fn count(visit: Visit, site: Data<InstanceInfo>) -> Result<impl Responder, Error> {
    Ok(actix_web::web::Json(Counter {
        count: visit.count_up()?,
        storage: site.store(),
    }))
}
