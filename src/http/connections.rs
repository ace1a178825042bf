//! Connections: how long each may take to say what it wants, and how all of them end.

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::{Router, serve::Listener};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::{net::SocketAddr, pin::pin, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// From the connection's first moment, or from its last answer, until the headers of a request are whole. So it also
/// ends connections that say nothing, and those that are kept for a next request that does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers everybody who connects, until `until` is there: then nobody new, and it returns when the last answer that
/// had begun is sent. `axum::serve` does the same without any limit of time, and cannot be given one.
///
/// HTTP/1.1 only: HTTP/2 is the proxy's to speak.
pub async fn serve(mut listener: TcpListener, router: Router, until: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let mut until = pin!(until);
    loop {
        tokio::select! {
            // waits and tries again by itself when the system has no file left to give
            (socket, client) = Listener::accept(&mut listener) => answer(socket, client, router.clone(), &connections),
            () = &mut until => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

fn answer(socket: TcpStream, client: SocketAddr, router: Router, connections: &GracefulShutdown) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(client));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(socket), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // whoever hangs up, is too slow or speaks no HTTP does so every day
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "A connection ended early");
        }
    });
}
