//! A server on this machine that keeps what it is sent and answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What came, in whole.
#[derive(Clone)]
pub struct Request {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a receiver says to a POST. To other methods it says 404.
#[derive(Clone, Default)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    delay: Duration,
}

impl Reply {
    pub fn new(status: u16) -> Self {
        Self { status: StatusCode::from_u16(status).unwrap(), ..Self::default() }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Says it only after this long.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

#[derive(Default)]
struct Kept {
    requests: Vec<Request>,
    /// The last of them is said again and again.
    replies: Vec<Reply>,
}

/// Ends when it is dropped.
pub struct Receiver {
    pub url: String,
    kept: Arc<Mutex<Kept>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// Takes everything, and says nothing to it.
    pub async fn new() -> Self {
        Self::answering([Reply::new(204)]).await
    }

    /// Says these, in this order, and the last of them to whatever comes after.
    pub async fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(Arc::clone(&kept));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let receiver = Self { url, kept, serving };
        receiver.answer(replies);
        receiver
    }

    /// From now on; what came before is forgotten.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        *lock(&self.kept) = Kept { requests: Vec::new(), replies: replies.into_iter().collect() };
    }

    pub fn requests(&self) -> Vec<Request> {
        lock(&self.kept).requests.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(
    State(kept): State<Arc<Mutex<Kept>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let reply = {
        let mut kept = lock(&kept);
        kept.requests.push(Request { uri, headers, body });
        match kept.replies.len() {
            _ if method != Method::POST => Reply::new(404),
            0 | 1 => kept.replies[0].clone(),
            _ => kept.replies.remove(0),
        }
    };
    tokio::time::sleep(reply.delay).await;
    (reply.status, reply.headers, reply.body).into_response()
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
