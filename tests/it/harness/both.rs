//! Each stamped test runs twice, on SQLite and on PostgreSQL.

/// `both! { async fn a_sentence(app) { … } }`: `app` is a fresh [`crate::harness::TestApp`].
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a test names what it needs of its file, and the next one something else")]
            use super::*;

            async fn scene($app: $crate::harness::TestApp) $body

            async fn played(database: $crate::harness::Database) {
                let app = $crate::harness::TestApp::on(database).await;
                let end = app.end();
                scene(app).await;
                end.agrees().await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                played($crate::harness::Database::Sqlite).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                played($crate::harness::Database::Postgres).await;
            }
        }
    )*};
}
