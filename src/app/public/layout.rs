//! The frame of every public page: one column with the door, a heading and what to do. It uses no scripts.

use crate::app::component::{Door, DoorState, Wordmark};
use crate::app::shell::{Title, render};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use leptos_meta::{Meta, MetaTags};

/// A public page. Its parts are built when it is rendered.
pub struct PublicPage {
    /// The title of the document, which also says where the visitor is.
    pub title: String,
    /// What chat programs show for a link to this page, where that is meant to be shared.
    pub preview: Option<&'static str>,
    pub door: DoorState,
    pub heading: Part,
    /// The first sentences, below the heading.
    pub lead: Part,
    /// Facts and forms.
    pub body: Part,
    /// The text below the card.
    pub aside: Part,
}

/// The host name of this installation, for the texts of a page's body.
#[derive(Clone)]
pub struct PublicHost(pub String);

/// A part of a page, built when the page is rendered.
pub type Part = Box<dyn FnOnce() -> AnyView + Send>;

impl PublicPage {
    /// Creates a page with this door, and a heading that is also the title.
    pub fn new(door: DoorState, heading: impl Into<String>) -> Self {
        let (heading, none) = (heading.into(), || -> Part { Box::new(|| ().into_any()) });
        let title = format!("{heading} · Vestibule");
        Self { title, preview: None, door, heading: part(move || heading), lead: none(), body: none(), aside: none() }
    }

    /// Sets a title for the document that differs from the heading.
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Sets what chat programs show for a link to this page.
    pub fn previewed(self, preview: &'static str) -> Self {
        Self { preview: Some(preview), ..self }
    }

    /// Sets a heading that consists of more than text.
    pub fn headed<V: IntoAny + 'static>(self, heading: impl FnOnce() -> V + Send + 'static) -> Self {
        Self { heading: part(heading), ..self }
    }

    pub fn lead<V: IntoAny + 'static>(self, lead: impl FnOnce() -> V + Send + 'static) -> Self {
        Self { lead: part(move || view! { <p>{lead().into_any()}</p> }), ..self }
    }

    pub fn body<V: IntoAny + 'static>(self, body: impl FnOnce() -> V + Send + 'static) -> Self {
        Self { body: part(body), ..self }
    }

    /// Provides the host name to the body.
    pub fn at(self, host: PublicHost) -> Self {
        let body = self.body;
        let body = move || {
            provide_context(host);
            body()
        };
        Self { body: Box::new(body), ..self }
    }

    pub fn aside<V: IntoAny + 'static>(self, aside: impl FnOnce() -> V + Send + 'static) -> Self {
        Self { aside: part(move || view! { <p class="room__aside">{aside().into_any()}</p> }), ..self }
    }
}

/// Returns a part from what builds it.
pub fn part<V: IntoAny + 'static>(make: impl FnOnce() -> V + Send + 'static) -> Part {
    Box::new(move || make().into_any())
}

/// Returns the document as a response.
pub async fn page(options: &LeptosOptions, status: StatusCode, room: PublicPage) -> Response {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    render(status, move || document(style, room)).await
}

fn document(style: String, room: PublicPage) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="stylesheet" href=style/>
                <MetaTags/>
            </head>
            <body>
                <Title text=room.title/>
                {room.preview.map(|preview| view! { <Meta property="og:title" content=preview/> })}
                <div class="room">
                    <main class="room__main">
                        <div class="room__card">
                            <div class="room__door">
                                <Door state=room.door/>
                            </div>
                            <div class="room__head">
                                <h1>{(room.heading)()}</h1>
                                {(room.lead)()}
                            </div>
                            {(room.body)()}
                        </div>
                        {(room.aside)()}
                    </main>
                    <footer class="room__foot">
                        <Wordmark/>
                    </footer>
                </div>
            </body>
        </html>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_people_write_stays_text() {
        _ = any_spawner::Executor::init_tokio();
        let options = LeptosOptions::builder().output_name("vestibule").site_pkg_dir("pkg/1").build();
        let corpus = r#"<img src=x onerror=alert(1)>"'&"#;
        let room = PublicPage::new(DoorState::Shut, corpus)
            .lead(move || corpus)
            .body(move || view! { <input value=corpus/><bdi>{corpus}</bdi> })
            .aside(move || corpus);
        let response = page(&options, StatusCode::OK, room).await;
        let html = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let html = String::from_utf8(html.to_vec()).unwrap();
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("<title>&lt;img src=x onerror=alert(1)>\"'&amp; · Vestibule</title>"), "{html}");
        assert!(html.contains("value=\"&lt;img src=x onerror=alert(1)&gt;&quot;"), "{html}");
        assert!(html.contains("href=\"/pkg/1/vestibule.css\""), "{html}");
    }
}
