//! The servers that the check starts, and the clicks of a customer there.

use anyhow::Result;
use testkit::{Endpoint, FaultProxy, Redis, Response};

use crate::{
    checker::{Checker, RESPONSE_LIMIT},
    checks::shop::Customer,
};

/// Two instances with one Redis.
pub(super) struct Site<'a> {
    pub(super) checker: &'a Checker,
    pub(super) redis: &'a Redis,
    pub(super) here: Place,
    pub(super) there: Place,
}

/// An instance, and the proxy between it and Redis.
pub(super) struct Place {
    pub(super) endpoint: Endpoint,
    pub(super) proxy: FaultProxy,
}

impl Site<'_> {
    /// Logs alice in.
    pub(super) async fn alice(&self) -> Result<Customer<'_>> {
        Customer::log_in(self.checker, "alice", &self.here.endpoint).await
    }

    /// Clicks on `item` with the ID `id`, and records the answer.
    pub(super) async fn click(
        &self,
        customer: &Customer<'_>,
        place: &Place,
        item: &str,
        id: &str,
    ) -> Result<Response> {
        let mut tab = customer.visitor.client.clone();
        let path = format!("/add/{item}");
        let header = ("Idempotency-Key", id);
        let request = tab.post_with_header(&place.endpoint, &path, header);
        let what = format!("POST {path}, ID {id}");
        self.checker.observe(RESPONSE_LIMIT, &what, request).await
    }

    /// Returns how many of `item` are in the customer's basket.
    pub(super) async fn number_of(&self, item: &str, customer: &Customer<'_>) -> Result<u64> {
        let basket = customer.basket(&self.there.endpoint).await?;
        Ok(basket.number_of(item))
    }
}
