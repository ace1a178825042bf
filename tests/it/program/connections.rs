//! Clients that are slow, or say nothing at all; and what becomes of those that are being answered when it stops.
//! These wait for real time, since sockets do.

use super::set_up;
use crate::harness::{PASSWORD, Program};
use futures::future::join_all;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, sleep, timeout};

/// Longer than headers may take, by as much as a busy machine needs.
const LONG_ENOUGH: Duration = Duration::from_secs(14);

/// How long it takes until the other side closes.
async fn closed_after(mut socket: TcpStream) -> Duration {
    let started = Instant::now();
    let mut rest = Vec::new();
    // a reset is an end as well
    _ = timeout(LONG_ENOUGH, socket.read_to_end(&mut rest)).await.expect("it is still open");
    started.elapsed()
}

/// Sends a byte each second for as long as the other side listens.
async fn trickle(address: &str) -> Duration {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let started = Instant::now();
    let writing = tokio::spawn(async move {
        let mut seconds = interval(Duration::from_secs(1));
        for byte in b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n" {
            seconds.tick().await;
            if writer.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    });
    let mut said = Vec::new();
    _ = timeout(LONG_ENOUGH, reader.read_to_end(&mut said)).await.expect("it still listens");
    writing.abort();
    assert!(!String::from_utf8_lossy(&said).starts_with("HTTP/1.1 200"), "it was answered");
    started.elapsed()
}

/// Asks once, and then nothing more.
async fn linger(address: &str) -> Duration {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut byte = [0];
    socket.read_exact(&mut byte).await.unwrap();
    closed_after(socket).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_too_long_is_cut_off_and_a_thousand_of_them_keep_nobody_else_waiting() {
    let program = Program::start(&[]);
    let address = program.address().await;
    let crowd = join_all((0..1_000).map(|_| TcpStream::connect(&address))).await;
    let mut crowd: Vec<TcpStream> = crowd.into_iter().map(Result::unwrap).collect();
    assert_eq!(program.client().await.get("/healthz").await.text, "ok");
    let one = crowd.pop().unwrap();
    let (silent, slow, lingering) = tokio::join!(closed_after(one), trickle(&address), linger(&address));
    for (who, time) in [("silent", silent), ("slow", slow), ("lingering", lingering)] {
        assert!(time > Duration::from_secs(8), "{who}: {time:?}");
    }
    assert_eq!(program.client().await.get("/healthz").await.text, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_finishes_what_has_begun_and_takes_nothing_new() {
    let mut program = Program::start(&[]);
    let ada = set_up(&program, PASSWORD).await;
    let address = program.address().await;
    let mut feed = ada.request(reqwest::Method::GET, "/o/saltmarsh/feed").send().await.unwrap();
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    let mut begun = TcpStream::connect(&address).await.unwrap();
    let head = "POST /sign-in HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 7\r\n\r\nema";
    begun.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(ada.get("/healthz").await.text, "ok", "it has read what was sent before");
    program.terminate().await;
    let closes = async {
        while TcpStream::connect(&address).await.is_ok() {
            sleep(Duration::from_millis(20)).await
        }
    };
    timeout(Duration::from_secs(5), closes).await.expect("it takes new connections");
    begun.write_all(b"il=x").await.unwrap();
    let mut said = String::new();
    begun.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 422") && said.ends_with("</html>"), "{said}");
    let feed_ends = async { while feed.chunk().await.unwrap().is_some() {} };
    timeout(Duration::from_secs(5), feed_ends).await.expect("whoever listens is let go");
    assert!(timeout(Duration::from_secs(12), program.ended()).await.expect("it ends").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_who_asks_for_nothing_keeps_it_from_stopping() {
    let mut program = Program::start(&[]);
    let ada = set_up(&program, PASSWORD).await;
    let address = program.address().await;
    let mut feed = ada.request(reqwest::Method::GET, "/o/saltmarsh/feed").send().await.unwrap();
    let silent = join_all((0..100).map(|_| TcpStream::connect(&address))).await;
    let mut half = TcpStream::connect(&address).await.unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: loc").await.unwrap();
    let mut kept = TcpStream::connect(&address).await.unwrap();
    kept.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut byte = [0];
    kept.read_exact(&mut byte).await.unwrap();
    assert_eq!(ada.get("/healthz").await.text, "ok", "it has read what was sent before");
    program.terminate().await;
    let begun = Instant::now();
    assert!(timeout(Duration::from_secs(5), program.ended()).await.expect("it ends").success());
    println!("ended {:?} after the signal", begun.elapsed());
    while let Ok(Some(_)) = feed.chunk().await {}
    drop((silent, half, kept));
}
