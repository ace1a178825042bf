//! What the log says of a request, and what it never says.

use crate::harness::TestApp;
use axum::{Router, body::Body, http::Request, routing::get};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;
use vestibule_web::Surfaces;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// Everything that this thread says from now on, at its most talkative.
    fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let lines = Self::default();
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        let guard = tracing::subscriber::set_default(subscriber.with_writer(lines.clone()).finish());
        (lines, guard)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

async fn broken() -> &'static str {
    panic!("the shelf fell")
}

/// The layers of the product around a route that breaks.
fn breaking(app: &TestApp) -> Router {
    let options = leptos::prelude::LeptosOptions::builder().output_name("vestibule").build();
    let error_page = vestibule::app::public::error_page::error_page(options);
    let pages = Router::new().route("/broken/{token}", get(broken));
    vestibule_web::wrap(Surfaces { pages, ..Surfaces::default() }, &app.vestibule, error_page)
}

/// Status, the request's number, and the body.
async fn get_from(router: Router, path: &str, id: Option<&str>) -> (u16, String, String) {
    let request = Request::get(path).header("cookie", "__Host-vst_sid=SECRETSESSION");
    let request = id.into_iter().fold(request, |request, id| request.header("x-request-id", id));
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, id, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn routes_are_logged_by_their_pattern() {
    let app = TestApp::new().await;
    let router = vestibule::server::router(&app.vestibule);
    let (lines, _guard) = Lines::listen();
    let (status, ..) = get_from(router, "/i/vst_SECRETTOKEN?x=SECRETQUERY", None).await;
    assert_eq!(status, 404);
    let text = lines.text();
    assert!(text.contains("route=\"/i/{token}\""), "{text}");
    assert!(!text.contains("SECRET"), "{text}");
}

#[tokio::test]
async fn a_panic_is_a_page_with_a_number_and_a_line_with_the_cause() {
    let app = TestApp::new().await;
    let (lines, _guard) = Lines::listen();
    let (status, id, page) = get_from(breaking(&app), "/broken/SECRETTOKEN", None).await;
    assert_eq!(status, 500);
    assert!(page.contains("Something failed on our side") && page.contains(&id), "{page}");
    assert!(!page.contains("shelf"), "{page}");
    let text = lines.text();
    let failed: Vec<_> = text.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(failed.len(), 1, "{text}");
    for part in ["the shelf fell", id.as_str(), "/broken/{token}", "status=500"] {
        assert!(failed[0].contains(part), "{part} in {}", failed[0]);
    }
    assert!(!text.contains("SECRET"), "{text}");
    assert_eq!(get_from(breaking(&app), "/healthz", None).await.0, 200, "the process goes on");
}

#[tokio::test]
async fn a_number_is_taken_over_only_if_it_is_a_sane_one() {
    let app = TestApp::new().await;
    assert_eq!(get_from(breaking(&app), "/healthz", Some("0af7651916cd43dd")).await.1, "0af7651916cd43dd");
    for odd in ["x", "vst_0af7651916cd43dd", "a{b}c\"d e f g h"] {
        assert_ne!(get_from(breaking(&app), "/healthz", Some(odd)).await.1, odd);
    }
}
