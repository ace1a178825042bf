//! The icons: one shape for each status, mail state and action, on a grid of 16.

use leptos::prelude::*;

/// The name of an icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Accepted,
    Audit,
    Check,
    Copy,
    Cross,
    Declined,
    Deferred,
    Door,
    Down,
    Download,
    Edit,
    Expired,
    Failed,
    Info,
    Key,
    Link,
    Mail,
    Menu,
    Next,
    Opened,
    Out,
    Pause,
    Pending,
    People,
    Plug,
    Plus,
    Prev,
    Queued,
    Resource,
    Revoked,
    Roles,
    Search,
    Sent,
    Settings,
    Undo,
    Updown,
    Warn,
    Webhook,
}

/// Shows an icon. Screen readers skip it: the word next to it says the same. `flip` mirrors it where text runs from
/// right to left.
#[component]
pub fn Icon(glyph: Glyph, #[prop(optional)] flip: bool) -> impl IntoView {
    let class = if flip { "icon icon--flip" } else { "icon" };
    view! { <svg class=class viewBox="0 0 16 16" aria-hidden="true" inner_html=glyph.drawing()></svg> }
}

impl Glyph {
    /// Returns the icon that the server calls by this name.
    pub fn named(name: &str) -> Self {
        match name {
            "accepted" => Self::Accepted,
            "audit" => Self::Audit,
            "declined" => Self::Declined,
            "door" => Self::Door,
            "expired" => Self::Expired,
            "key" => Self::Key,
            "mail" => Self::Mail,
            "out" => Self::Out,
            "pending" => Self::Pending,
            "people" => Self::People,
            "plug" => Self::Plug,
            "plus" => Self::Plus,
            "resource" => Self::Resource,
            "revoked" => Self::Revoked,
            "roles" => Self::Roles,
            "search" => Self::Search,
            "settings" => Self::Settings,
            "updown" => Self::Updown,
            "webhook" => Self::Webhook,
            _ => Self::Next,
        }
    }

    /// Returns what [`Icon`] shows, as text.
    pub fn svg(self) -> String {
        format!(r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{}</svg>"#, self.drawing())
    }

    fn drawing(self) -> &'static str {
        match self {
            Self::Accepted => {
                r#"<circle cx="8" cy="8" r="6.75" fill="currentColor" stroke="none"/><path d="m5.25 8.25 1.9 1.9 3.6-4.1" stroke="var(--surface)"/>"#
            }
            Self::Audit => r#"<path d="M3.25 2.25h6.5l3 3v8.5h-9.5zM5.75 6.75h4.5M5.75 9.25h4.5M5.75 11.5h2.5"/>"#,
            Self::Check => r#"<path d="m3 8.5 3.25 3.25L13 4.5"/>"#,
            Self::Copy => r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.25"/><path d="M10.5 5.5v-3h-8v8h3"/>"#,
            Self::Cross => r#"<path d="m4 4 8 8M12 4l-8 8"/>"#,
            Self::Declined => r#"<path d="M5.5 3 2.75 5.75 5.5 8.5"/><path d="M3 5.75h6.25a3.75 3.75 0 0 1 0 7.5H6"/>"#,
            Self::Deferred => r#"<path d="M13.25 8a5.25 5.25 0 1 1-1.6-3.75M13.25 2v2.75H10.5"/>"#,
            Self::Door => r#"<path d="M3.5 13.75V6.5a4.5 4.5 0 0 1 9 0v7.25M1.75 13.75h12.5M9.75 9v.01"/>"#,
            Self::Down => r#"<path d="m4.5 6.25 3.5 3.5 3.5-3.5"/>"#,
            Self::Download => r#"<path d="M8 2.5v7.25M4.75 6.75 8 10l3.25-3.25M2.75 13.25h10.5"/>"#,
            Self::Edit => r#"<path d="M10.75 2.75 13.25 5.25 5.5 13H3v-2.5z"/>"#,
            Self::Expired => {
                r#"<path d="M4 2.25h8M4 13.75h8M5 2.25v2.5L8 8l3-3.25v-2.5M5 13.75v-2.5L8 8l3 3.25v2.5"/>"#
            }
            Self::Failed => r#"<path d="M8 2.25 14.25 13H1.75z"/><path d="M8 6.5v2.75M8 11.25v.01"/>"#,
            Self::Info => r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.25v3.5M8 5v.01"/>"#,
            Self::Key => r#"<circle cx="5" cy="10.75" r="2.75"/><path d="m7 8.75 6-6M10.5 5.25 12.75 7.5"/>"#,
            Self::Link => {
                r#"<path d="M6.75 9.25 9.25 6.75M7.25 4.75l1.5-1.5a2.83 2.83 0 0 1 4 4l-1.5 1.5M8.75 11.25l-1.5 1.5a2.83 2.83 0 0 1-4-4l1.5-1.5"/>"#
            }
            Self::Mail => {
                r#"<rect x="1.75" y="3.25" width="12.5" height="9.5" rx="1.25"/><path d="m2 4.25 6 4.5 6-4.5"/>"#
            }
            Self::Menu => r#"<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>"#,
            Self::Next => r#"<path d="m6 3.5 4.5 4.5L6 12.5"/>"#,
            Self::Opened => r#"<path d="M1.75 6.5 8 2.25l6.25 4.25v7H1.75z"/><path d="m1.75 6.75 6.25 4 6.25-4"/>"#,
            Self::Out => r#"<path d="M9.5 2.5h-6v11h6M6.5 8h7.25M11 5.25 13.75 8 11 10.75"/>"#,
            Self::Pause => r#"<path d="M5.5 3.5v9M10.5 3.5v9"/>"#,
            Self::Pending => r#"<circle cx="8" cy="8" r="6"/><path d="M8 4.75V8l2.25 1.5"/>"#,
            Self::People => {
                r#"<circle cx="6" cy="5.25" r="2.5"/><path d="M1.75 13.25c.3-2.6 2-4 4.25-4s3.95 1.4 4.25 4M10.5 3a2.4 2.4 0 0 1 0 4.6M12 9.75c1.3.55 2.1 1.7 2.25 3.5"/>"#
            }
            Self::Plug => r#"<path d="M5.5 2v3M10.5 2v3M3.75 5h8.5v2.25a4.25 4.25 0 0 1-8.5 0zM8 11.5V14"/>"#,
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Prev => r#"<path d="M10 3.5 5.5 8l4.5 4.5"/>"#,
            Self::Queued => r#"<path d="M2.25 9.5h3l1.25 2h3l1.25-2h3M2.25 9.5v3.75h11.5V9.5L11.5 3h-7z"/>"#,
            Self::Resource => {
                r#"<path d="M8 1.75 13.5 4.75v6.5L8 14.25l-5.5-3v-6.5z"/><path d="m2.75 5 5.25 3 5.25-3M8 8v6"/>"#
            }
            Self::Revoked => r#"<circle cx="8" cy="8" r="6"/><path d="m3.9 12.1 8.2-8.2"/>"#,
            Self::Roles => r#"<path d="M8 2 13 4v3.75c0 3-2 5.1-5 6.25-3-1.15-5-3.25-5-6.25V4z"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.25 3.25"/>"#,
            Self::Sent => r#"<path d="M13.75 2.25 7 9M13.75 2.25 9.5 13.75 7 9 2.25 6.5z"/>"#,
            Self::Settings => {
                r#"<path d="M2 4.75h5.5M11.5 4.75H14M2 11.25h2.5M8.5 11.25H14"/><circle cx="9.5" cy="4.75" r="1.75"/><circle cx="6.5" cy="11.25" r="1.75"/>"#
            }
            Self::Undo => r#"<path d="M2.75 8a5.25 5.25 0 1 0 1.6-3.75M2.75 2v2.75H5.5"/>"#,
            Self::Updown => r#"<path d="m5 6 3-3 3 3M5 10l3 3 3-3"/>"#,
            Self::Webhook => {
                r#"<circle cx="3.75" cy="8" r="1.75"/><path d="M5.5 8h3M8.5 8l2.5-3.75M8.5 8l2.5 3.75"/><circle cx="12" cy="3.25" r="1.5"/><circle cx="12" cy="12.75" r="1.5"/>"#
            }
            Self::Warn => r#"<path d="M8 2.25 14.25 13H1.75z"/><path d="M8 6.5v2.75M8 11.25v.01"/>"#,
        }
    }
}
