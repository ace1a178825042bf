//! The OpenAPI document: what utoipa derives from the handlers, and what all operations have in common.

use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

const PATH: &str = "/api/openapi.json";

/// The parts of the document that don't belong to a single operation.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Invite people, and follow what happens to each invitation.\n\n\
            Create a key in the portal or with `vestibule key create`, and send it as `Authorization: Bearer vsk_…`. \
            `{org}` is the organization’s slug or id.\n\n\
            **Safe to repeat.** Send an `Idempotency-Key` with every write: repeating the call within 24 hours gives \
            the same answer and creates nothing twice.\n\n\
            **No lost updates.** `ETag` names the version that you read. Send it back as `If-Match`, and the \
            change is refused with 412 if someone else changed it first.\n\n\
            **Errors** are `application/problem+json` (RFC 9457). Check `code`, which is stable; `errors` names \
            each invalid field.\n\n\
            **Limits.** Every answer has `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`; a 429 has \
            `Retry-After`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/api/v1")),
    components(schemas(super::problem::ProblemBody)),
    tags(
        (name = "organization", description = "The organization of the key."),
        (name = "invitations", description = "Offers to join, each for one email address."),
        (name = "members", description = "People who belong to the organization."),
        (name = "people", description = "One person’s data: export and erasure."),
        (name = "roles", description = "Named sets of permissions."),
        (name = "resources", description = "What invitations and members can be limited to."),
        (name = "keys", description = "API keys."),
        (name = "webhooks", description = "Endpoints that receive each event, signed."),
        (name = "events", description = "Everything that happened, in order."),
        (name = "mails", description = "The outbox: outgoing mail."),
        (name = "tickets", description = "Proof of who accepted, for the site that they are redirected to."),
    )
)]
struct Outline;

/// Returns the document without operations, for the router to add them.
pub fn outline() -> utoipa::openapi::OpenApi {
    Outline::openapi()
}

/// Returns the complete document: adds the security scheme, and to each operation the shared parameters, headers and
/// error answers.
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

/// Returns the routes of the document and of the page that shows it.
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

/// Adds the page's policy: it can use its own scripts and styles and call its own server, and loads nothing from
/// elsewhere.
async fn with_policy(mut response: Response) -> Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    );
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// Adds to an operation what all of its kind have: the parameters of its path, the headers of writes, and the error
/// answers.
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
    // utoipa adds the path's parameters as well; ours have descriptions
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
            "description": "Repeating a request with the same key gives the same answer for 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }
        },
        "If-Match": {
            "name": "If-Match", "in": "header", "description": "The `ETag` that you read.",
            "schema": { "type": "string", "pattern": "^\"[0-9a-f]{32}\"$" }
        },
    })
}

fn headers() -> Value {
    let number =
        |description: &str| json!({ "description": description, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "RateLimit-Limit": number("The number of requests that the key can make per minute."),
        "RateLimit-Remaining": number("The number of requests that are left."),
        "RateLimit-Reset": number("Seconds until the full limit is available again."),
        "Retry-After": number("Seconds to wait before trying again."),
        "X-Request-Id": { "description": "Identifies the request in the log.", "schema": { "type": "string" } },
    })
}

fn answer_headers() -> Value {
    let names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id"];
    names.iter().map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))).collect()
}

/// Returns a description and an example for each status of an error.
fn refusals() -> Value {
    let rows: [(u16, &str, &str, &str); 13] = [
        (400, "The request is malformed.", "malformed", "Expected value."),
        (
            401,
            "The API key is missing or invalid.",
            "unauthenticated",
            "Send an API key of this installation: Authorization: Bearer vsk_…",
        ),
        (
            403,
            "The key lacks a permission.",
            "forbidden",
            "This key is not allowed to invite people. It needs the permission org.user.invite.",
        ),
        (
            404,
            "There is no such thing, or the key has no access to it.",
            "invitation_missing",
            "There is no such invitation, or this key has no access to it.",
        ),
        (408, "The body did not arrive in time.", "timeout", "The body did not arrive within a minute."),
        (
            409,
            "The current state does not allow this.",
            "already_invited",
            "This email address has an open invitation. Resend or edit that one.",
        ),
        (
            412,
            "Someone else changed it after you read it.",
            "changed",
            "Someone else changed this after you read it. Read it again, and send the new ETag.",
        ),
        (413, "The body is too large.", "too_large", "Send at most 1 MB at once."),
        (415, "The body is not JSON.", "content_type", "Send JSON, with Content-Type: application/json."),
        (422, "Part of the request is wrong; see `errors`.", "invalid", "Part of the request is wrong; see errors."),
        (
            429,
            "The key or its organization has reached a rate limit.",
            "throttled",
            "Too many requests. Try again in 12 seconds.",
        ),
        (
            500,
            "Something went wrong on our side.",
            "internal",
            "Something went wrong on our side. Give X-Request-Id to the operator, who can find it in the log.",
        ),
        (
            503,
            "Temporarily not possible. Send the same request again later.",
            "unavailable",
            "The database is not answering right now. Nothing was changed. Try again in 2 seconds.",
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
