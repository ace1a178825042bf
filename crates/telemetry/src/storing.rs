//! The measuring of reads and writes, by use case.

use super::{metrics, traces};
use std::time::Instant;
use tracing::{Instrument, Span};

/// What is done with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storing {
    Read,
    Write,
}

impl Storing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Runs `work`, measures it, and makes it a span of the current trace, if there is one: the worker's polling has none.
/// `of` is the name of the closure's type, which reveals the use case.
pub async fn measured<T>(storing: Storing, of: &'static str, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let span = if Span::current().is_disabled() { Span::none() } else { span(storing, of) };
    let done = work.instrument(span).await;
    metrics::stored(storing, begun.elapsed());
    done
}

fn span(storing: Storing, of: &'static str) -> Span {
    let use_case = use_case(of);
    tracing::info_span!(
        target: traces::TARGET,
        "store",
        otel.name = format!("{} {use_case}", storing.as_str()),
        db.operation.name = storing.as_str(),
        code.function.name = use_case,
    )
}

/// Returns the module and the name of the function that the closure is in: the last names before `{{closure}}`, without
/// the type that the function belongs to.
fn use_case(of: &'static str) -> String {
    let path = of.split("::{{closure}}").next().unwrap_or(of);
    let (scope, name) = path.rsplit_once("::").unwrap_or(("", path));
    let scope = scope.split("::<impl ").next().unwrap_or(scope);
    let module = scope.rsplit("::").next().unwrap_or(scope);
    format!("{module}::{}", name.split('<').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::extra_unused_type_parameters, reason = "its name is what is looked at")]
    fn invite<T>() -> &'static str {
        std::any::type_name_of_val(&async || ())
    }

    #[test]
    fn a_use_case_has_the_names_of_the_module_and_the_function_that_the_closure_is_in() {
        for (of, name) in [
            (
                "vestibule::service::roles::<impl vestibule::service::subject::Roles<'_>>::create::{{closure}}::{{closure}}",
                "roles::create",
            ),
            ("vestibule::worker::expire::expire::{{closure}}::{{closure}}::{{closure}}", "expire::expire"),
            (invite::<u8>(), "tests::invite"),
        ] {
            assert_eq!(use_case(of), name, "{of}");
        }
    }
}
