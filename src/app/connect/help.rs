//! What a client's errors mean, by the status codes that all vendors' APIs use.

use leptos::prelude::*;

#[component]
pub fn Help() -> impl IntoView {
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"If it does not work"</h2></div>
            <div class="panel__body">
                <dl class="facts">
                    <div>
                        <dt>"401"</dt>
                        <dd>"The key is wrong, has ended, or is for another organization or another API."</dd>
                    </div>
                    <div>
                        <dt>"403"</dt>
                        <dd>"The key may not do this, or may not give that role."</dd>
                    </div>
                    <div>
                        <dt>"429"</dt>
                        <dd>"Too many requests: wait as long as " <code>"Retry-After"</code> " says."</dd>
                    </div>
                </dl>
            </div>
        </section>
    }
    .into_any()
}
