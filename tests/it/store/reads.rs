//! What a read promises the store.

use crate::harness::{Database, TestApp};
use vestibule_store::{Error, Store};

/// A read of one statement on this database, which sends `count` of them.
async fn read_one(database: Database, count: usize) -> Result<(), tokio::task::JoinError> {
    let app = TestApp::on(database).await;
    let id = app.organization("Acme").await.scope.organization().id;
    let store = Store::open(&app.database_url).await.unwrap();
    let reading = tokio::spawn(async move {
        let read = store.read_one(async |tx| {
            for _ in 0..count {
                assert!(tx.organizations().get(id).await?.is_some());
            }
            Ok::<_, Error>(())
        });
        read.await.unwrap();
        // the connection is as good as before
        let known = store.read(async |tx| tx.organizations().get(id).await).await.unwrap();
        assert!(known.is_some());
        store.close().await;
    });
    reading.await
}

#[tokio::test]
async fn a_read_of_one_statement_sends_one() {
    read_one(Database::Sqlite, 1).await.unwrap();
    read_one(Database::Postgres, 1).await.unwrap();
}

/// Two would not be of one moment. On SQLite they are: each read is a transaction there.
#[tokio::test]
async fn a_second_one_is_a_panic_on_postgres() {
    read_one(Database::Sqlite, 2).await.unwrap();
    let panicked = read_one(Database::Postgres, 2).await.unwrap_err().into_panic();
    assert!(panicked.downcast_ref::<&str>().unwrap().contains("sends another one"));
}
