//! The bodies of request and response, which report the progress of the exchange to the connection.

use super::guest::Guest;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The body of a request. Until it is complete, the connection waits for its client.
pub struct RequestBody {
    body: Incoming,
    /// The connection that is told when the body is complete, or `None` when it has been.
    guest: Option<Arc<Guest>>,
}

impl RequestBody {
    /// Wraps the body. Most requests have none, and are complete at once.
    pub fn new(body: Incoming, guest: Arc<Guest>) -> Self {
        let mut question = Self { body, guest: Some(guest) };
        question.look();
        question
    }

    fn look(&mut self) {
        if self.body.is_end_stream() {
            self.is_whole();
        }
    }

    fn is_whole(&mut self) {
        if let Some(guest) = self.guest.take() {
            guest.is_answered();
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(None) => self.is_whole(),
            Poll::Ready(Some(Ok(_))) => self.look(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a response. From its creation until all of it has been handed over, the connection does not count as
/// waiting for its client.
pub struct ResponseBody {
    body: Body,
    guest: Arc<Guest>,
}

impl ResponseBody {
    /// Wraps the body. The request's body may be incomplete: a request can be refused before it has arrived.
    pub fn new(body: Body, guest: Arc<Guest>) -> Self {
        guest.is_answered();
        Self { body, guest }
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.guest.finishes();
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
