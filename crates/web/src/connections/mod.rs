//! Connections: how many there may be, how long each may take to say what it wants and to take its answer, and how all
//! of them end.

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
use bodies::{Answer, Question};
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

/// From the connection's first moment, or from its last answer, until the headers of a request are whole. So it also
/// ends connections that say nothing, and those that are kept for a next request that does not come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that the system keeps for us until we take them. In a crowd there are many, and a client that finds no
/// place asks again only after a second.
const QUEUE: u32 = 4_096;
/// How long to wait at most for a file when the system has none left to give.
const NO_FILE: Duration = Duration::from_millis(20);
/// Who may ask at once where few do.
const FEW: usize = 16;
/// How often it is looked whether it is time to say how many connections had to end.
const TELL: Duration = Duration::from_secs(5);

/// When it ends: for requests that are on the wire already, so that a proxy's are answered.
const UNDER_WAY: Duration = Duration::from_millis(100);
/// When it ends: for who has begun to ask to go on.
const HALF_ASKED: Duration = Duration::from_secs(1);

/// Listens at this address.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Answers everybody who connects, as [`serve_within`] does, as many as there can be files for; nobody is a proxy.
pub async fn serve(listener: TcpListener, router: Router, until: impl Future<Output = ()>) {
    serve_within(Caps::for_files(raise_file_limit()), &[], listener, router, until).await;
}

/// Answers everybody who connects, no more at once than `caps` says, until `until` is there: then nobody new, and it
/// returns when the last answer that had begun is sent. Connections on which nothing is asked end at once. `axum::serve` does the same without any limit of time or number,
/// and cannot be given one. `trusted` are the networks of our own proxies, which have no cap of their own.
///
/// HTTP/1.1 only: HTTP/2 is the proxy's to speak.
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
            _ = tell.tick() => guests.tell(),
            () = &mut until => break,
        }
    }
    // these came before the end, and the system has kept them for us
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

/// Answers a few at once, forever: a connection has one request, and is over within `limit`. For an address that strangers
/// do not reach.
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

/// The next connection, once those that have to make room for others have done so: until then each still has its file.
async fn next(listener: &TcpListener, guests: &Guests) -> io::Result<(TcpStream, SocketAddr)> {
    guests.room().await;
    listener.accept().await
}

/// Who hung up before we came is no reason to wait. Where a file is missing, one that waits for its client gives its own.
async fn put_up_with(error: &io::Error, guests: &Guests) {
    let is_theirs = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_theirs {
        tracing::debug!(error = error as &dyn std::error::Error, "A connection could not be taken");
        guests.make_room();
        // the file of the one that leaves, or another's
        _ = tokio::time::timeout(NO_FILE, guests.one_is_closed()).await;
    }
}

/// Finds a place for a connection and answers it there; without a place it is closed at once.
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
            // who hangs up, is too slow or speaks no HTTP does so every day
            ended = connection => if let Err(error) = ended {
                tracing::debug!(error = &error as &dyn std::error::Error, "A connection ended early");
            },
            () = guest.is_asked_to_leave() => tracing::debug!("A connection made room for another"),
        }
    });
}

/// The connection's own work: reading, answering, writing.
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
            let mut request = request.map(|body| Body::new(Question::new(body, Arc::clone(&guest))));
            request.extensions_mut().insert(ConnectInfo(client));
            let response = router.oneshot(request).await?;
            Ok::<_, std::convert::Infallible>(response.map(|body| Answer::new(body, guest)))
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(Socket::new(socket, for_socket)), service)
}
