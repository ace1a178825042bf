//! The document of the API: what utoipa reads off the handlers, and what all of them have in common.

use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

const PATH: &str = "/api/openapi.json";

/// What the whole is, without an operation.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Invite people, and hear what becomes of it.\n\n\
            Make a key in the portal or with `vestibule key create`, and send it as `Authorization: Bearer vsk_…`. \
            `{org}` is the organization’s slug or id.\n\n\
            **Safe to repeat.** Send an `Idempotency-Key` with every write: the same call again within 24 hours gives \
            the same answer, one row and one mail.\n\n\
            **Nothing is overwritten unseen.** `ETag` names the version that was read; sent back as `If-Match`, a \
            change is refused with 412 if somebody else came first.\n\n\
            **Refusals** are `application/problem+json` (RFC 9457). Look at `code`, which is stable; `errors` names \
            each field that is wrong.\n\n\
            **Limits.** Every answer has `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`; a 429 has \
            `Retry-After`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/api/v1")),
    components(schemas(super::problem::ProblemBody)),
    tags(
        (name = "organization", description = "The organization of the key."),
        (name = "invitations", description = "Offers, each to one address, with one life."),
        (name = "members", description = "People of the organization."),
        (name = "people", description = "One person’s data: all of it, and its end."),
        (name = "roles", description = "Named sets of permissions."),
        (name = "resources", description = "What invitations and members may be limited to."),
        (name = "keys", description = "Keys of this API."),
        (name = "webhooks", description = "Servers that hear of every event, signed."),
        (name = "events", description = "All that happened, in order."),
        (name = "mails", description = "The outbox."),
        (name = "tickets", description = "Proof of who accepted, for the site that they are sent to."),
    )
)]
struct Outline;

pub fn outline() -> utoipa::openapi::OpenApi {
    Outline::openapi()
}

/// The document as it is served.
pub fn complete(document: &utoipa::openapi::OpenApi) -> Value {
    let mut json = serde_json::to_value(document).unwrap_or_default();
    json["components"]["securitySchemes"] =
        json!({ "key": { "type": "http", "scheme": "bearer", "description": "An API key: `vsk_…`" } });
    json["security"] = json!([{ "key": [] }]);
    json["components"]["parameters"] = parameters();
    json["components"]["headers"] = headers();
    json["components"]["responses"] = refusals();
    if let Some(paths) = json["paths"].as_object_mut() {
        for (path, operations) in paths {
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                complete_operation(path, method, operation);
            }
        }
    }
    json
}

/// The document, and the page that shows it.
pub fn routes(document: &Value) -> Router {
    let text = serde_json::to_string(document).unwrap_or_default();
    let serve = async move || {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text.clone()).into_response()
    };
    let config = Config::from(PATH)
        .use_base_layout()
        .try_it_out_enabled(true)
        .doc_expansion("list")
        .persist_authorization(false);
    let page = Router::new().merge(SwaggerUi::new("/api/docs").config(config)).layer(map_response(with_policy));
    Router::new().route(PATH, get(serve)).merge(page)
}

/// The page runs its own scripts and asks its own server; nothing comes from elsewhere.
async fn with_policy(mut response: Response) -> Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    );
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// What every operation takes and may answer: the path's parts, the headers of writes, and the refusals.
fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let is_write = method != "get";
    let has_body = operation.get("requestBody").is_some();
    let is_edit = matches!(method, "patch" | "delete");
    let mut parameters = vec!["org"];
    parameters.extend(path.contains("{id}").then_some("id"));
    parameters.extend(is_write.then_some("Idempotency-Key"));
    parameters.extend(is_edit.then_some("If-Match"));
    let mut refusals = vec![400, 401, 403, 404, 429, 500, 503];
    refusals.extend(is_write.then_some([409, 413, 415, 422]).into_iter().flatten());
    refusals.extend((!is_write).then_some(422));
    refusals.extend(is_edit.then_some(412));
    refusals.extend(has_body.then_some(408));
    let mut all: Vec<Value> =
        parameters.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })).collect();
    // utoipa names the parts of a path itself; ours say more
    let own = operation["parameters"].as_array().cloned().unwrap_or_default();
    all.extend(own.into_iter().filter(|parameter| parameter["in"] != "path"));
    operation["parameters"] = all.into();
    for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        response["headers"] = answer_headers();
    }
    for status in refusals {
        operation["responses"][status.to_string()] = json!({ "$ref": format!("#/components/responses/{status}") });
    }
}

fn parameters() -> Value {
    json!({
        "org": {
            "name": "org", "in": "path", "required": true, "description": "The organization’s slug or id.",
            "schema": { "type": "string", "pattern": "^[a-z0-9-]{2,40}$" }, "example": "acme"
        },
        "id": {
            "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" }
        },
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header",
            "description": "The same key with the same request gives the same answer, for 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }
        },
        "If-Match": {
            "name": "If-Match", "in": "header", "description": "The `ETag` that was read.",
            "schema": { "type": "string", "pattern": "^\"[0-9a-f]{32}\"$" }
        },
    })
}

fn headers() -> Value {
    let number =
        |description: &str| json!({ "description": description, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "RateLimit-Limit": number("Requests that the key may make in a minute."),
        "RateLimit-Remaining": number("How many of them are left."),
        "RateLimit-Reset": number("Seconds until all of them are there again."),
        "Retry-After": number("Seconds to wait."),
        "X-Request-Id": { "description": "Names the request in the log.", "schema": { "type": "string" } },
    })
}

fn answer_headers() -> Value {
    let names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id"];
    names.iter().map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))).collect()
}

/// Why each status is answered, with an example.
fn refusals() -> Value {
    let rows: [(u16, &str, &str, &str); 13] = [
        (400, "The request can’t be read.", "malformed", "Expected value."),
        (
            401,
            "No key, or none that works here.",
            "unauthenticated",
            "Send an API key of this installation: Authorization: Bearer vsk_…",
        ),
        (403, "The key may not do this.", "forbidden", "This key may not invite people. It takes org.user.invite."),
        (
            404,
            "There is no such thing, or not for this key.",
            "invitation_missing",
            "There is no such invitation, or not for this key.",
        ),
        (408, "The body did not arrive in time.", "timeout", "The body did not arrive within a minute."),
        (
            409,
            "The present state forbids it.",
            "already_invited",
            "The address has an open invitation. Resend or edit that one.",
        ),
        (
            412,
            "It was changed since it was read.",
            "changed",
            "It was changed since it was read. Read it again, and send the new ETag.",
        ),
        (413, "The body is too large.", "too_large", "Send at most 1 MB at once."),
        (415, "The body is not JSON.", "content_type", "Send JSON, with Content-Type: application/json."),
        (
            422,
            "Part of the request is wrong; `errors` says which.",
            "invalid",
            "Part of the request is wrong; see errors.",
        ),
        (
            429,
            "The key has used up its allowance, or its organization has.",
            "throttled",
            "Too many requests. Try again in 12 seconds.",
        ),
        (500, "It failed on our side.", "internal", "Something failed on our side. X-Request-Id names it in the log."),
        (
            503,
            "It can’t be done at this moment; the same will do later.",
            "unavailable",
            "The database does not answer at this moment. Nothing was changed. Try again in 2 seconds.",
        ),
    ];
    rows.into_iter()
        .map(|(status, description, code, detail)| (status.to_string(), refusal(status, description, code, detail)))
        .collect()
}

fn refusal(status: u16, description: &str, code: &str, detail: &str) -> Value {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
    let example = json!({ "type": "about:blank", "title": title, "status": status, "detail": detail, "code": code });
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } });
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/Retry-After" });
    }
    let body = json!({ "schema": { "$ref": "#/components/schemas/Problem" }, "example": example });
    json!({ "description": description, "headers": headers, "content": { "application/problem+json": body } })
}
