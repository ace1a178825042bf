//! Makes one element equal to another with as few changes as possible: equal nodes remain, with their focus, scroll
//! position, typed text, and whether they are ticked or open. Rows are matched by their `id`.

use crate::dom;
use leptos::wasm_bindgen::JsCast;
use std::collections::HashSet;
use web_sys::{Element, Node};

/// The attribute that is never changed: whether a menu is open is up to the person.
const KEPT: &str = "open";

/// Changes `old` so that it equals `new`.
pub fn morph(old: &Element, new: &Element) {
    // islands update themselves, and so does the text that scripts have read aloud
    if old.tag_name() == "LEPTOS-ISLAND" || old.has_attribute("data-picked") || old.is_equal_node(Some(new)) {
        return;
    }
    attributes(old, new);
    children(old, new);
}

/// Fills the element with this id with HTML, with as few changes as possible.
pub fn fill(id: &str, html: &str) {
    let (Some(old), Ok(new)) = (dom::find::<Element>(&format!("#{id}")), dom::document().create_element("div")) else {
        return;
    };
    new.set_inner_html(html);
    children(&old, &new);
}

fn attributes(old: &Element, new: &Element) {
    for name in names(old).iter().filter(|name| !new.has_attribute(name) && *name != KEPT) {
        let _ = old.remove_attribute(name);
    }
    for name in names(new).iter().filter(|name| *name != KEPT) {
        let value = new.get_attribute(name);
        if let Some(value) = value.filter(|value| old.get_attribute(name).as_ref() != Some(value)) {
            let _ = old.set_attribute(name, &value);
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

/// Walks along the children of both; `at` is the next old child.
fn children(old: &Element, new: &Element) {
    let wanted: HashSet<String> = nodes(new).iter().filter_map(key).collect();
    let mut at = old.first_child();
    for new in nodes(new) {
        // rows that are gone are removed first, so that those after them need not move and lose the focus
        while let Some(gone) = at.clone().filter(|at| key(at).is_some_and(|key| !wanted.contains(&key))) {
            at = gone.next_sibling();
            let _ = old.remove_child(&gone);
        }
        match same(old, at.as_ref(), &new) {
            Some(node) if at.as_ref() == Some(&node) => {
                at = node.next_sibling();
                one(&node, &new);
            }
            Some(node) => {
                let _ = old.insert_before(&node, at.as_ref());
                one(&node, &new);
            }
            None => {
                let _ = old.insert_before(&new, at.as_ref());
            }
        }
    }
    while let Some(rest) = at {
        at = rest.next_sibling();
        let _ = old.remove_child(&rest);
    }
}

/// Returns the old child that corresponds to `new`: the one with the same id, wherever it is, or else the next one if
/// it is of the same kind.
fn same(old: &Element, at: Option<&Node>, new: &Node) -> Option<Node> {
    if let Some(wanted) = key(new) {
        return nodes(old).into_iter().find(|node| key(node).as_ref() == Some(&wanted));
    }
    at.filter(|at| key(at).is_none() && at.node_name() == new.node_name()).cloned()
}

fn one(old: &Node, new: &Node) {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => morph(old, new),
        _ if old.node_value() != new.node_value() => old.set_node_value(new.node_value().as_deref()),
        _ => {}
    }
}

/// Returns the `id` attribute. The property would be wrong for a form that has a field named `id`.
fn key(node: &Node) -> Option<String> {
    node.dyn_ref::<Element>()?.get_attribute("id")
}

/// Returns the present children; removing one later does not change this list.
fn nodes(parent: &Element) -> Vec<Node> {
    let nodes = parent.child_nodes();
    (0..nodes.length()).filter_map(|index| nodes.item(index)).collect()
}
