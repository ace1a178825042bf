//! A link as a QR code, for somebody who stands beside the screen.

use leptos::prelude::*;
use qrcode::{Color, QrCode};

/// The empty modules that scanners need on each side (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// Shows the text as a QR code, folded away. A text that is too long for one has none.
#[component]
pub fn Qr(text: String, label: &'static str) -> impl IntoView {
    QrCode::new(text).ok().map(|code| {
        let size = code.width() + 2 * QUIET;
        view! {
            <details class="qr">
                <summary>"Show QR code"</summary>
                <svg class="qr__code" viewBox=format!("0 0 {size} {size}") role="img" aria-label=label shape-rendering="crispEdges">
                    <rect class="qr__light" width=size height=size></rect>
                    <path class="qr__dark" d=dark(&code)></path>
                </svg>
            </details>
        }
        .into_any()
    })
}

/// Returns the path around the dark modules, with a rectangle for each row of neighbours.
fn dark(code: &QrCode) -> String {
    let rows = code.to_colors();
    let mut path = String::new();
    for (y, row) in rows.chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one == other) {
            if run[0] == Color::Dark {
                path += &format!("M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    path
}
