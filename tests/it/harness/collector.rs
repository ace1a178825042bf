//! A collector of traces inside the test.

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method, matchers::path};

pub struct Collector(MockServer);

impl Collector {
    /// Takes everything.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let taken = ResponseTemplate::new(200)
            .set_body_raw(ExportTraceServiceResponse::default().encode_to_vec(), "application/x-protobuf");
        Mock::given(method("POST")).and(path("/v1/traces")).respond_with(taken).mount(&server).await;
        Self(server)
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn url(&self) -> String {
        self.0.uri()
    }

    /// What it was sent, as it came.
    pub async fn received(&self) -> Vec<ExportTraceServiceRequest> {
        let requests = self.0.received_requests().await.unwrap();
        // a server of the pool may be asked for what was somebody else's before
        let traces = requests.iter().filter(|request| request.url.path() == "/v1/traces");
        traces.map(|request| ExportTraceServiceRequest::decode(request.body.as_slice()).unwrap()).collect()
    }

    /// All that it was sent, as text.
    pub async fn text(&self) -> String {
        format!("{:?}", self.received().await)
    }

    pub async fn spans(&self) -> Vec<Span> {
        let batches = self.received().await.into_iter().flat_map(|request| request.resource_spans);
        batches.flat_map(|of| of.scope_spans).flat_map(|of| of.spans).collect()
    }
}

/// The attribute, as text; empty where there is none.
pub fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.clone()) {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => text,
        Some(AnyValue { value: Some(Value::IntValue(number)) }) => number.to_string(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}
