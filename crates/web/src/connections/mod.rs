//! Connections: how many there may be, how long each may take to send its request and to receive its answer, and how
//! all of them end.

mod bodies;
mod caps;
mod files;
mod guest;
mod register;
mod socket;

pub use caps::Caps;
pub use files::raise as raise_file_limit;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use bodies::{RequestBody, ResponseBody};
use futures::FutureExt;
use guest::{Guest, Guests};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use socket::Socket;
use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// The time from the start of a connection, or from its last answer, until the headers of a request are complete. So it
/// also ends connections that send nothing, and those that are kept open for another request that does not come.
const PATIENCE: Duration = Duration::from_secs(10);
/// The number of connections that the system queues until we accept them. In a crowd there are many, and a client that
/// finds no place tries again only after a second.
const QUEUE: u32 = 4_096;
/// The most time to wait for a file when the system has none left.
const NO_FILE: Duration = Duration::from_millis(20);
/// The number of concurrent connections of [`serve_few`].
const FEW: usize = 16;
/// How often to check whether it is time to log how many connections had to end.
const TELL: Duration = Duration::from_secs(5);

/// At the end: the time for requests that are already on their way, so that those of a proxy are answered.
const UNDER_WAY: Duration = Duration::from_millis(100);
/// At the end: the time for clients that have begun to send a request.
const HALF_ASKED: Duration = Duration::from_secs(1);

/// Listens on this address.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Answers all connections like [`serve_within`], with as many as there can be files for, and without any proxy.
pub async fn serve(listener: TcpListener, router: Router, until: impl Future<Output = ()>) {
    serve_within(Caps::for_files(raise_file_limit()), &[], listener, router, until).await;
}

/// Answers all connections, within the limits of `caps`, until `until` completes. Then it accepts no new ones, ends the
/// idle ones, and returns when the last answer that had begun has been sent. `axum::serve` does the same without any
/// limit of time or number, and can't be given one. `trusted` are the networks of our own proxies, which have no limit
/// per address.
///
/// It speaks HTTP/1.1 only: HTTP/2 is the proxy's task.
pub async fn serve_within(
    caps: Caps,
    trusted: &[IpNet],
    listener: TcpListener,
    router: Router,
    until: impl Future<Output = ()>,
) {
    let guests = Arc::new(Guests::new(caps, trusted));
    let connections = GracefulShutdown::new();
    let mut until = pin!(until);
    let mut tell = tokio::time::interval(TELL);
    loop {
        tokio::select! {
            accepted = next(&listener, &guests) => match accepted {
                Ok((socket, client)) => welcome(socket, client, &router, &guests, &connections),
                Err(error) => put_up_with(&error, &guests).await,
            },
            _ = tell.tick() => guests.log_ended(),
            () = &mut until => break,
        }
    }
    // these connected before the end, and the system has queued them
    while let Some(Ok((socket, client))) = listener.accept().now_or_never() {
        welcome(socket, client, &router, &guests, &connections);
    }
    drop(listener);
    tokio::time::sleep(UNDER_WAY).await;
    let idle = async {
        tokio::time::sleep(HALF_ASKED).await;
        guests.end_the_idle();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = connections.shutdown() => {}
        () = idle => {}
    }
}

/// Answers a few connections at once, forever. Each connection has one request and ends within `limit`. It is for an
/// address that strangers can't reach.
pub async fn serve_few(listener: TcpListener, router: Router, limit: Duration) {
    let places = Arc::new(Semaphore::new(FEW));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((socket, _)) = listener.accept().await else {
            // no file is left
            tokio::time::sleep(NO_FILE).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        let answered = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(socket), service);
        tokio::spawn(async move {
            let _place = place;
            _ = tokio::time::timeout(limit, answered).await;
        });
    }
}

/// Returns the next connection, after waiting for those that have to make room: until they are closed, each still has
/// its file.
async fn next(listener: &TcpListener, guests: &Guests) -> io::Result<(TcpStream, SocketAddr)> {
    guests.room().await;
    listener.accept().await
}

/// Handles an error of `accept`. A client that has hung up is not a reason to wait. If there is no file left, a
/// connection that waits for its client gives up its own.
async fn put_up_with(error: &io::Error, guests: &Guests) {
    let is_theirs = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_theirs {
        tracing::debug!(error = error as &dyn std::error::Error, "A connection could not be accepted");
        guests.make_room();
        // the file of the one that leaves, or another one
        _ = tokio::time::timeout(NO_FILE, guests.one_is_closed()).await;
    }
}

/// Registers a connection and answers it, or closes it at once if there is no room.
fn welcome(
    socket: TcpStream,
    client: SocketAddr,
    router: &Router,
    guests: &Arc<Guests>,
    connections: &GracefulShutdown,
) {
    let Some(guest) = Guests::enter(guests, client.ip()) else { return };
    let connection = connections.watch(answer(socket, client, router.clone(), &guest));
    tokio::spawn(async move {
        tokio::select! {
            // clients that hang up, are too slow or don't speak HTTP are an everyday event
            ended = connection => if let Err(error) = ended {
                tracing::debug!(error = &error as &dyn std::error::Error, "A connection ended early");
            },
            () = guest.is_asked_to_leave() => tracing::debug!("A connection made room for another"),
        }
    });
}

/// Returns the work of the connection: reading, answering, writing.
fn answer(
    socket: TcpStream,
    client: SocketAddr,
    router: Router,
    guest: &Arc<Guest>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + use<> {
    let for_socket = Arc::clone(guest);
    let guest = Arc::clone(guest);
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, guest) = (router.clone(), Arc::clone(&guest));
        async move {
            guest.asks();
            let mut request = request.map(|body| Body::new(RequestBody::new(body, Arc::clone(&guest))));
            request.extensions_mut().insert(ConnectInfo(client));
            let response = router.oneshot(request).await?;
            Ok::<_, std::convert::Infallible>(response.map(|body| ResponseBody::new(body, guest)))
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(Socket::new(socket, for_socket)), service)
}
