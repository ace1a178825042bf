include!(concat!(env!("OUT_DIR"), "/snippet.rs"));
