//! Queries: which invitations, in which order, and how many.

use super::fault::{ErrorDetail, Fault, VendorResult};
use super::wire;
use crate::query::Pairs;
use axum::extract::FromRequestParts;
use axum::http::{StatusCode, request::Parts};
use vestibule_domain::{OffsetPageOrder, OffsetPageRequest};

/// The default and the largest number of rows in a list.
const USUAL_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 500;

/// The parameters of a query. Unknown parameters are ignored.
pub struct Query(Pairs);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        Pairs::of_text(parts).map(Self).ok_or_else(|| malformed("The query is not text in UTF-8.".to_owned()))
    }
}

fn malformed(long: String) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, ErrorDetail::new("malformed_request_parameters", "Malformed request", long))
}

fn out_of_range(name: &str, long: String) -> Fault {
    Fault::unprocessable(vec![ErrorDetail::of(name, "form_param_value_invalid", "is invalid", long)])
}

impl Query {
    /// Returns the last value with this name that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.last(name)
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| matches!(value, "true" | "1"))
    }

    /// Returns a whole number. Old clients send it with a `.0` at the end.
    fn number(&self, name: &str, usual: u32, range: std::ops::RangeInclusive<u32>) -> VendorResult<u32> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        let number: i64 = text
            .strip_suffix(".0")
            .unwrap_or(text)
            .parse()
            .map_err(|_| malformed(format!("{name} must be a whole number, but is {text}.")))?;
        let number = u32::try_from(number).ok().filter(|number| range.contains(number));
        let (least, most) = (range.start(), range.end());
        number.ok_or_else(|| out_of_range(name, format!("{name} must be between {least} and {most}.")))
    }

    /// Returns the requested part of a list: its limit, offset, order and statuses.
    pub fn request(&self, orders: &[(&str, OffsetPageOrder)]) -> VendorResult<OffsetPageRequest> {
        let limit = self.number("limit", USUAL_LIMIT, 1..=MAX_LIMIT)?;
        let mut request = OffsetPageRequest::new(self.number("offset", 0, 0..=u32::MAX)?, limit);
        for word in self.0.all("status") {
            let statuses = wire::read_status(word);
            let long = || "status must be one of: pending, accepted, revoked, expired.".to_owned();
            request.statuses.extend(statuses.ok_or_else(|| out_of_range("status", long()))?);
        }
        if let Some(text) = self.text("order_by") {
            // an unencoded plus arrives as a space
            let name = text.trim_start_matches(['+', '-', ' ']);
            let (_, order) = orders.iter().find(|(known, _)| *known == name).ok_or_else(|| {
                let known: Vec<&str> = orders.iter().map(|(known, _)| *known).collect();
                out_of_range("order_by", format!("order_by must be one of: {}, with + or - before.", known.join(", ")))
            })?;
            (request.order, request.is_descending) = (*order, text.starts_with('-'));
        }
        Ok(request)
    }
}
