//! A collector of traces inside the test.

use super::{Receiver, Reply};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

pub struct Collector(Receiver);

impl Collector {
    /// Takes everything.
    pub async fn start() -> Self {
        let taken = Reply::new(200).header("content-type", "application/x-protobuf");
        Self(Receiver::answering([taken.body(ExportTraceServiceResponse::default().encode_to_vec())]).await)
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn url(&self) -> String {
        self.0.url.trim_end_matches("/hooks").to_owned()
    }

    /// What it was sent, as it came.
    pub async fn received(&self) -> Vec<ExportTraceServiceRequest> {
        let requests = self.0.requests();
        let traces = requests.iter().filter(|request| request.uri.path() == "/v1/traces");
        traces.map(|request| ExportTraceServiceRequest::decode(request.body.clone()).unwrap()).collect()
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
