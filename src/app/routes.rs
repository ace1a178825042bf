//! The portal's addresses: its pages, and the handlers of their forms.

use super::{
    App, AppState,
    context::{Entered, enter, respond_to, sent},
    invitations, members, outbox,
    respond::page_headers,
    shell::shell,
};
use crate::domain::Whereabouts;
use axum::body::Body;
use axum::extract::{Path, RawPathParams, State};
use axum::http::{Request, request::Parts};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Redirect, Response};
use axum::{Router, routing::get};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};

/// Everything below `/o/{slug}` and the server functions, without a fallback.
pub fn routes(state: AppState) -> Router {
    let options = state.leptos_options.clone();
    Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), page_context, move || shell(options.clone()))
        .route_layer(from_fn_with_state(state.clone(), with_whereabouts))
        .route("/o/{slug}", get(home))
        .merge(invitations::forms::routes())
        .merge(members::forms::routes())
        .merge(outbox::forms::routes())
        .with_state(state)
}

/// One page of the portal, for whoever is at it, with more in its context than its address says.
pub(super) async fn render(
    state: &AppState,
    at: &Entered,
    mut request: Request<Body>,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let whereabouts = match sent(state.vestibule.whereabouts(&at.user, &at.scope)).await {
        Ok(whereabouts) => whereabouts,
        Err(error) => return respond_to(error, request.uri().path()),
    };
    request.extensions_mut().insert(whereabouts);
    let (options, app_state) = (state.leptos_options.clone(), state.clone());
    let context = move || {
        provide_context(app_state.clone());
        page_context();
        context();
    };
    render_app_async_with_context(context, move || shell(options.clone()))(request).await
}

/// Reads who is where before a page of an organization begins. Who may not be there gets no further.
async fn with_whereabouts(
    State(state): State<AppState>,
    params: RawPathParams,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let Some((_, slug)) = params.iter().find(|(name, _)| *name == "slug") else { return next.run(request).await };
    let headers = request.headers().clone();
    let read = async {
        let at = sent(enter(&state.vestibule, &headers, slug)).await?;
        sent(state.vestibule.whereabouts(&at.user, &at.scope)).await
    };
    match read.await {
        Ok(whereabouts) => {
            request.extensions_mut().insert(whereabouts);
            next.run(request).await
        }
        Err(error) => respond_to(error, request.uri().path_and_query().map_or("/", |path| path.as_str())),
    }
}

/// What every page finds in its context besides what Leptos puts there.
fn page_context() {
    page_headers();
    let whereabouts = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Whereabouts>().cloned());
    if let Some(whereabouts) = whereabouts {
        provide_context(whereabouts);
    }
}

async fn home(Path(slug): Path<String>) -> Redirect {
    let slug = crate::app::query::escape(&slug);
    Redirect::to(&format!("/o/{slug}/invitations"))
}
