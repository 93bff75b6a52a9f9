//! Limits how long the body of a request may take to arrive.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_rt::time::{Sleep, sleep};
use actix_web::{
    Error, HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::StatusCode,
    middleware::Next,
    web::Bytes,
};
use futures_util::{FutureExt, Stream, StreamExt};

use crate::instance::InstanceInfo;

/// Wraps all routes. A body that takes longer than the request timeout ends with an error, and the client gets 408.
///
/// A response may also be sent before the body has arrived, for example a 404. Then the connection is closed after it.
pub(crate) async fn limit_body_time(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let payload = request.take_payload();
    let timeout = InstanceInfo::of(request.request())
        .clients
        .request_timeout
        .0;
    let (Some(timeout), false) = (timeout, matches!(payload, Payload::None)) else {
        request.set_payload(payload);
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let body = Rc::new(RefCell::new(Arriving {
        payload,
        deadline: Box::pin(sleep(timeout)),
        state: State::Arriving,
    }));
    let stream = Box::pin(ArrivingBody(Rc::clone(&body)));
    request.set_payload(Payload::Stream { payload: stream });

    let mut response = next.call(request).await?.map_into_boxed_body();
    let state = body.borrow().state;
    if state == State::TimedOut && response.status().is_client_error() {
        *response.response_mut().status_mut() = StatusCode::REQUEST_TIMEOUT;
    }
    if state == State::Complete {
        return Ok(response);
    }
    // Hold the unread rest until the response has been sent. Then actix-web closes the connection after the response.
    // Otherwise it would go on to read a chunked body for as long as the client sends it.
    let unread = body;
    Ok(response.map_body(|_, body| BoxBody::new(Holding::new(body, unread))))
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Arriving,
    Complete,
    TimedOut,
}

/// The body of a request while it arrives.
struct Arriving {
    payload: Payload,
    deadline: Pin<Box<Sleep>>,
    state: State,
}

/// Hands the body to the handler.
struct ArrivingBody(Rc<RefCell<Arriving>>);

impl Stream for ArrivingBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.borrow_mut();
        if body.state == State::TimedOut || body.deadline.poll_unpin(context).is_ready() {
            body.state = State::TimedOut;
            let error = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(error.into())));
        }
        let part = body.payload.poll_next_unpin(context);
        if let Poll::Ready(None) = part {
            body.state = State::Complete;
        }
        part
    }
}

/// The body of a response that holds something else until it has been sent.
pub(crate) struct Holding<T> {
    body: BoxBody,
    _held: T,
}

impl<T> Holding<T> {
    pub(crate) fn new(body: BoxBody, held: T) -> Self {
        Self { body, _held: held }
    }
}

impl<T: Unpin> MessageBody for Holding<T> {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
