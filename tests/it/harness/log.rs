//! What lets a test hear what its own thread says in the log.

use std::sync::Once;
use tracing_subscriber::{filter::dynamic_filter_fn, layer::SubscriberExt};

/// `tracing` settles for the whole process whether a span or an event is wanted when some thread first comes to it: one
/// that nobody listens to would settle it for those that are listened to. Where this was called before, it is asked
/// each time.
pub fn keep_asking() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let nobody = tracing_subscriber::registry().with(dynamic_filter_fn(|_, _| false));
        tracing::subscriber::set_global_default(nobody).expect("nobody else listens to all threads");
    });
}
