//! `vestibule health`, as a container manager asks it.

use crate::harness::Program;
use std::process::Output;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

/// Asks with nothing in the environment but where it listens.
async fn health(listens: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    let asked = command.arg("health").env_clear().env("VESTIBULE_LISTEN", listens).current_dir("/").output();
    timeout(Duration::from_secs(10), asked).await.expect("it ends").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_says_by_its_status_whether_the_instance_can_serve() {
    let program = Program::start(&[]);
    let address = program.address().await;
    let every = address.replace("127.0.0.1", "0.0.0.0");
    for listens in [&address, &every] {
        let output = health(listens).await;
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    }
    drop(program);
    let output = health(&address).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains(&address) && said.lines().count() == 1, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_does_not_answer_is_not_healthy() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let output = health(&silent.local_addr().unwrap().to_string()).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("did not answer within"), "{said}");
}
