//! Makes one element like another with as few changes as can be: what is equal stays the same node, with its focus,
//! its scroll position, what was typed in it and whether it is ticked or open. Rows are known by their `id`.

use std::collections::HashSet;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

/// Whether a menu is open is the person's to decide.
const KEPT: &str = "open";

pub fn morph(old: &Element, new: &Element) {
    // an island lives on by itself, and what scripts say aloud is theirs
    if old.tag_name() == "LEPTOS-ISLAND" || old.has_attribute("data-picked") || old.is_equal_node(Some(new)) {
        return;
    }
    attributes(old, new);
    children(old, new);
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

/// Walks along both; `at` is the old child that comes next.
fn children(old: &Element, new: &Element) {
    let wanted: HashSet<String> = nodes(new).iter().filter_map(key).collect();
    let mut at = old.first_child();
    for new in nodes(new) {
        // rows that are gone are taken out first, so that those behind them need not move and lose their focus
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

/// The old child that `new` is now: that of the same id, wherever it stands, else the next one if it is of the same kind.
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

/// The attribute: of a form that has a field of that name, the property is the field.
fn key(node: &Node) -> Option<String> {
    node.dyn_ref::<Element>()?.get_attribute("id")
}

/// As they are now: taking one out later leaves the others in the list.
fn nodes(parent: &Element) -> Vec<Node> {
    let nodes = parent.child_nodes();
    (0..nodes.length()).filter_map(|index| nodes.item(index)).collect()
}
