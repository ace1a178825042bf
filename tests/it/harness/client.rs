//! A browser without a screen: keeps cookies, says where a request comes from, follows nothing by itself.

use super::TestApp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use std::{collections::BTreeMap, sync::Mutex, time::Duration};

pub struct Client {
    http: reqwest::Client,
    url: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub text: String,
}

/// What sends for one or more clients. Making one reads all certificates there are: made for each of two hundred, the
/// last comes when the server has given up the first. It drops idle connections before the server does.
pub fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.pool_idle_timeout(Duration::from_secs(5)).build().unwrap()
}

impl TestApp {
    /// Somebody who is not signed in.
    pub fn client(&self) -> Client {
        Client { http: self.http.clone(), url: self.url.clone(), cookies: Mutex::default() }
    }

    /// Somebody with this session.
    pub fn client_of(&self, session: &vestibule_core::service::SessionToken) -> Client {
        let client = self.client();
        client.set_cookie("__Host-vst_sid", session.as_str());
        client
    }
}

impl Client {
    /// Of the site at this address.
    pub fn of(url: String) -> Self {
        Self { http: http(), url, cookies: Mutex::default() }
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.into(), value.into());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// A form of the same site, as a browser sends it.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header("sec-fetch-site", "same-origin").form(fields);
        self.send(request).await
    }

    /// The page that an answer leads to.
    pub async fn led_on(&self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        self.get(answer.location()).await
    }

    /// With this client's cookies and nothing else; for what a browser would not send.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.url));
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    /// Sends, and keeps the cookies of the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    fn keep(&self, cookie: &str) {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        if cookie.contains("Max-Age=0") || value.is_empty() {
            cookies.remove(name);
        } else {
            cookies.insert(name.into(), value.into());
        }
    }
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// What a POST of the portal said, by the name of its flash; empty when there is none.
    pub fn flash(&self) -> String {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        let flash = cookies.filter_map(|value| value.to_str().ok()?.strip_prefix("__Host-vst_flash=")).next();
        let encoded = flash.unwrap_or_default().split(';').next().unwrap_or_default();
        let json = URL_SAFE_NO_PAD.decode(encoded).unwrap_or_default();
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap_or_default();
        value["flash"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
