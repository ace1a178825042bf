//! What an operator asks while something is broken is answered, and says so.

use crate::{
    driver::{Figures, Installation, PostgresServer, rounds, send},
    harness::{Exposition, program::until},
};
use std::time::{Duration, Instant};

/// A page of metrics may take two seconds for a database that does not answer, and as much as a busy machine needs.
const SOON: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_read_while_the_database_is_frozen_and_say_that_it_is() {
    let server = PostgresServer::start().await;
    let installation = Installation::on_postgres(&server).await.with("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0");
    let (program, address, _) = installation.start_ready().await;
    let installation = installation.with("VESTIBULE_LISTEN", &address);
    let url = program.says_between("Metrics are at ", "\n").await;
    let http = reqwest::Client::new();
    let mut figures = Figures::new("metrics of a frozen database (X20)", "PostgreSQL");
    for _ in 0..rounds(1, 10) {
        server.freeze();
        let (begun, mut is_told) = (Instant::now(), false);
        while begun.elapsed() < Duration::from_secs(15) {
            let told = send(http.get(&url)).await;
            assert!(told.is_success() && told.took < SOON, "{told:?}");
            figures.count(&told);
            is_told = is_told || Exposition::read(&told.text).sum("vestibule_database_up", &[]) == 0.0;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        assert!(is_told, "nobody was told");
        let health = installation.command(&["health"], "").await;
        assert!(!health.0 && health.2.contains("not ready"), "{health:?}");
        server.thaw();
        until("that it is well", async || program.metrics().await.sum("vestibule_database_up", &[]) == 1.0).await;
        figures.rounds += 1;
    }
    figures.check();
}
