//! What lets a test hear what its own thread says in the log.

use super::statements::{Ear, is_heard};
use std::sync::Once;
use tracing_subscriber::{filter::dynamic_filter_fn, layer::SubscriberExt};

/// `tracing` settles for the whole process whether a span or an event is wanted when some thread first comes to it: one
/// that nobody listens to would settle it for those that are listened to. Where this was called before, it is asked
/// each time. All threads are listened to only for statements.
pub fn keep_asking() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let statements =
            tracing_subscriber::registry().with(Ear).with(dynamic_filter_fn(|metadata, _| is_heard(metadata)));
        tracing::subscriber::set_global_default(statements).expect("nobody else listens to all threads");
    });
}
