//! A program with an API key, which times what it hears.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(40);

#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    url: String,
    key: String,
    slug: String,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Told {
    /// None: the connection broke, or nothing came at all.
    pub status: Option<u16>,
    pub retry_after: bool,
    pub text: String,
    pub took: Duration,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn is_success(&self) -> bool {
        matches!(self.status, Some(200..=299))
    }

    /// The `id` of what was acknowledged.
    pub fn id(&self) -> Option<String> {
        self.is_success().then(|| self.json()["id"].as_str().map(str::to_owned)).flatten()
    }
}

/// Sends, and says what came of it.
pub async fn send(request: RequestBuilder) -> Told {
    let begun = Instant::now();
    let heard = async {
        let response = request.timeout(PATIENCE).send().await?;
        let (status, retry_after) = (response.status().as_u16(), response.headers().contains_key("retry-after"));
        Ok::<_, reqwest::Error>((status, retry_after, response.text().await?))
    };
    let heard = heard.await.ok();
    let took = begun.elapsed();
    let (status, retry_after, text) = heard.map_or((None, false, String::new()), |(s, r, t)| (Some(s), r, t));
    Told { status, retry_after, text, took }
}

impl Api {
    /// Of the installation at this address: `127.0.0.1:port`.
    pub fn new(address: &str, slug: &str, key: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        Self { http, url: format!("http://{address}"), key: key.to_owned(), slug: slug.to_owned() }
    }

    /// Without the key: `/healthz` and pages.
    pub async fn get_page(&self, path: &str) -> Told {
        send(self.http.get(format!("{}{path}", self.url))).await
    }

    /// A form, as a browser behind our proxy sends it from this address.
    pub async fn post_page(&self, path: &str, from: &str, fields: &[(&str, &str)]) -> Told {
        let request = self.http.post(format!("{}{path}", self.url)).header("x-forwarded-for", from);
        send(request.header("sec-fetch-site", "same-origin").form(fields)).await
    }

    pub async fn get(&self, path: &str) -> Told {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> Told {
        let request = self.request(Method::POST, path).json(body);
        send(key.into_iter().fold(request, |request, key| request.header("idempotency-key", key))).await
    }

    /// Invites a member. The key makes it safe to repeat.
    pub async fn invite(&self, email: &str, key: &str) -> Told {
        self.post("/invitations", Some(key), &json!({ "email": email, "roles": ["member"] })).await
    }

    pub async fn revoke(&self, id: &str) -> Told {
        self.post(&format!("/invitations/{id}/revoke"), None, &json!({})).await
    }

    /// All invitations of the organization, by id.
    pub async fn invitations(&self) -> Vec<Value> {
        let (mut all, mut path) = (Vec::new(), "/invitations?limit=100".to_owned());
        loop {
            let told = self.get(&path).await;
            assert_eq!(told.status, Some(200), "{}", told.text);
            let page = told.json();
            all.extend(page["data"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("/invitations?limit=100&cursor={cursor}"),
                None => return all,
            }
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1/organizations/{}{path}", self.url, self.slug))
            .bearer_auth(&self.key)
    }
}
