//! More connections than there is room for: those that only wait make room for those that ask.

use super::set_up;
use crate::harness::{Client, PASSWORD, Program, program::until};
use futures::future::join_all;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use vestibule_web::connections;

const HALF_A_POST: &str = "POST /sign-in HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n\
    content-type: application/x-www-form-urlencoded\r\ncontent-length: 700\r\n\r\nemail=";

/// How soon a good client must have its answer, whatever others do.
const SOON: Duration = Duration::from_secs(1);

/// Thousands at once are for one test at a time: all tests share the files of one process.
static ALONE: Mutex<()> = Mutex::const_new(());

/// As many as are wanted, or as many as this machine lets a process have.
fn as_many_as(wanted: usize) -> usize {
    let limit = connections::raise_file_limit();
    let most = limit.saturating_sub(500);
    if most < wanted {
        eprintln!(
            "ATTENTION: {wanted} connections are not to be had with {limit} files: this tries {most}. Raise ulimit -n."
        );
    }
    wanted.min(most)
}

/// A connection from this address of the machine itself.
async fn connect_from(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// So many connections, each of which has said this and no more.
async fn crowd(program: &Program, count: usize, says: &str) -> Vec<TcpStream> {
    crowd_from(program, Ipv4Addr::LOCALHOST, count, says).await
}

async fn crowd_from(program: &Program, from: Ipv4Addr, count: usize, says: &str) -> Vec<TcpStream> {
    let address: SocketAddr = program.address().await.parse().unwrap();
    let mut all = Vec::new();
    while all.len() < count {
        let some = (0..250.min(count - all.len())).map(|_| async {
            let mut socket = connect_from(from, address).await.unwrap();
            // who has had to make room already does not hear it
            _ = socket.write_all(says.as_bytes()).await;
            socket
        });
        all.extend(join_all(some).await);
    }
    all
}

/// How many of them are still open.
async fn open(crowd: &mut [TcpStream]) -> usize {
    let mut open = 0;
    for socket in crowd {
        let mut byte = [0];
        open += usize::from(timeout(Duration::from_millis(1), socket.read(&mut byte)).await.is_err());
    }
    open
}

/// Waits until so many of them are left. Who comes is taken in turn, and who leaves is closed a moment later.
async fn come_down_to(crowd: &mut [TcpStream], wanted: usize) {
    until("the crowd’s coming down", async || open(crowd).await <= wanted).await;
    assert_eq!(open(crowd).await, wanted);
}

/// A client that has never been here asks whether it is alive, and is answered; soon, unless the machine has more to do
/// than this three times in a row.
async fn is_answered(program: &Program) {
    let mut took = Vec::new();
    while took.len() < 3 {
        let (client, asked) = (program.client().await, Instant::now());
        let answer = client.get("/healthz").await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "ok"));
        took.push(asked.elapsed());
        if asked.elapsed() < SOON {
            return;
        }
    }
    panic!("it took {took:?}");
}

/// How often it was said that there are too many.
fn warnings(program: &Program) -> usize {
    program.output().1.matches("There are too many connections").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_idle_connections_keep_nobody_from_being_answered() {
    let _alone = ALONE.lock().await;
    let program = Program::start(&[]);
    let crowd = crowd(&program, as_many_as(5_000), "").await;
    for _ in 0..5 {
        is_answered(&program).await;
    }
    drop(crowd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_that_are_sent_by_half_keep_nobody_from_being_answered() {
    let _alone = ALONE.lock().await;
    for files in ["ulimit -n 1024", "ulimit -Sn 1024"] {
        let program = Program::start_after(files, &[]);
        let crowd = crowd(&program, as_many_as(1_100), HALF_A_POST).await;
        for _ in 0..5 {
            is_answered(&program).await;
        }
        drop(crowd);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_on_files_is_raised_as_far_as_the_system_allows() {
    let program = Program::start_after("ulimit -Sn 64", &[]);
    let mut crowd = crowd(&program, 300, "").await;
    is_answered(&program).await;
    assert_eq!((open(&mut crowd).await, warnings(&program)), (300, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_thirteen_hundred_say_nothing_every_good_request_is_answered() {
    let _alone = ALONE.lock().await;
    let (program, begun) = (Program::start_after("ulimit -n 1024", &[]), Instant::now());
    let crowd = crowd(&program, as_many_as(1_300), "").await;
    for _ in 0..50 {
        is_answered(&program).await;
    }
    let minutes = begun.elapsed().as_secs() as usize / 60;
    assert!((1..=1 + minutes).contains(&warnings(&program)), "said, once a minute: {}", program.output().1);
    drop(crowd);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_listens_outlives_a_crowd_from_its_own_address() {
    let program = Program::start_after("ulimit -n 256", &[]);
    let ada = set_up(&program, PASSWORD).await;
    let mut feed = ada.request(reqwest::Method::GET, "/o/saltmarsh/feed").send().await.unwrap();
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    let mut crowd = crowd(&program, 400, "").await;
    // an address has half of 128 places, and the feed is in one of them
    until("the crowd’s coming down", async || open(&mut crowd).await <= 63).await;
    let page = ada.get("/o/saltmarsh/invitations/new").await;
    let (_, rest) = page.text.split_once("name=\"role_ids\" value=\"").unwrap();
    let fields = [("recipients", "grace@example.com"), ("role_ids", rest.split('"').next().unwrap())];
    assert_eq!(ada.post("/o/saltmarsh/invitations/new", &fields).await.status, 303);
    let heard = async {
        while !String::from_utf8_lossy(&feed.chunk().await.unwrap().expect("the feed has ended")).contains("changed") {}
    };
    timeout(Duration::from_secs(10), heard).await.expect("it hears of nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_every_place_is_taken_whoever_has_the_most_gives_one_up() {
    // 64 places, 32 for each address
    let program = Program::start_after("ulimit -n 128", &[]);
    let of = |last: u8| Ipv4Addr::new(127, 0, 0, last);
    let mut few = crowd_from(&program, of(2), 10, "").await;
    let mut many = crowd_from(&program, of(3), 32, "").await;
    let mut others = crowd_from(&program, of(4), 22, "").await;
    assert_eq!((open(&mut few).await, open(&mut many).await, open(&mut others).await), (10, 32, 22));
    is_answered(&program).await;
    come_down_to(&mut many, 31).await;
    assert_eq!((open(&mut few).await, open(&mut others).await), (10, 22));
    let mut late = crowd_from(&program, of(5), 8, "").await;
    assert_eq!((open(&mut few).await, open(&mut late).await), (10, 8), "who has few keeps them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_proxy_has_no_cap_of_its_own() {
    // 64 places, 32 for each address
    let program = Program::start_after("ulimit -n 128", &[("VESTIBULE_TRUSTED_PROXIES", "127.0.0.9/32")]);
    let mut proxy = crowd_from(&program, Ipv4Addr::new(127, 0, 0, 9), 50, "").await;
    let mut stranger = crowd_from(&program, Ipv4Addr::new(127, 0, 0, 2), 40, "").await;
    come_down_to(&mut stranger, 14).await;
    assert_eq!(open(&mut proxy).await, 50);
    is_answered(&program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_system_has_no_file_left_who_waits_gives_one_up_without_delay() {
    // fewer than the database and half of these together
    let program = Program::start_after("ulimit -n 40", &[]);
    let crowd = crowd(&program, 100, "").await;
    for _ in 0..5 {
        is_answered(&program).await;
    }
    drop(crowd);
}

/// Opens as many feeds as it gets, one connection each.
async fn listens(ada: &Client, address: &str, count: usize) -> Vec<TcpStream> {
    let cookie = ada.cookie("__Host-vst_sid").unwrap();
    let ask = format!("GET /o/saltmarsh/feed HTTP/1.1\r\nhost: localhost\r\ncookie: __Host-vst_sid={cookie}\r\n\r\n");
    let mut feeds = Vec::new();
    for _ in 0..count {
        let mut feed = TcpStream::connect(address).await.unwrap();
        feed.write_all(ask.as_bytes()).await.unwrap();
        let mut head = [0; 15];
        if feed.read_exact(&mut head).await.is_ok() && head.starts_with(b"HTTP/1.1 200 OK") {
            feeds.push(feed);
        }
    }
    feeds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_waits_the_new_one_is_refused_until_there_is_room() {
    // 32 places, 16 for each address
    let program = Program::start_after("ulimit -n 64", &[]);
    let ada = set_up(&program, PASSWORD).await;
    let address = program.address().await;
    let mut feeds = listens(&ada, &address, 20).await;
    assert_eq!(feeds.len(), 16);
    let mut refused = TcpStream::connect(&address).await.unwrap();
    let mut rest = Vec::new();
    _ = timeout(SOON, refused.read_to_end(&mut rest)).await.expect("it is left waiting");
    assert_eq!(rest, b"");
    let elsewhere = connect_from(Ipv4Addr::new(127, 0, 0, 2), address.parse().unwrap()).await.unwrap();
    assert_eq!(open(&mut [elsewhere]).await, 1, "others have room");
    drop(feeds.drain(..2));
    until("room", async || {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        _ = socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        let mut said = String::new();
        _ = socket.read_to_string(&mut said).await;
        said.ends_with("ok")
    })
    .await;
}
