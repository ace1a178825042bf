//! Makes `target/site`, the files that the server embeds: `xtask <compiled .wasm>`, run from the repository root. With
//! `--plain` it compresses nothing, for a debug build, which sends files as they are. It binds the WASM to its script,
//! bundles the style sheet, copies `public/`, and lays a brotli and a gzip form beside each file that gets smaller by
//! it. Only what changed is written, so that cargo has nothing to do when nothing did.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, ensure};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};
use lightningcss::targets::{Browsers, Targets};
use wasm_bindgen_cli_support::Bindgen;

/// Leptos asks for `pkg/vestibule.js` and its kin: `output-name` in Cargo.toml, `LEPTOS_OUTPUT_NAME` in
/// .cargo/config.toml.
const NAME: &str = "vestibule";
const SITE: &str = "target/site";
/// Embeds the site. Cargo sees a file that changes, but not one that appears or goes: then this must look changed. A plain
/// site is for a debug build, which embeds nothing.
const EMBEDS: &str = "crates/web/src/site.rs";

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn main() -> Result<()> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let plain = arguments.pop_if(|last| last == "--plain").is_some();
    let wasm = arguments.pop().context("usage: xtask <compiled .wasm> [--plain]")?;
    ensure!(Path::new(EMBEDS).exists(), "run this from the repository root");
    let mut files = Files::new();
    bind(Path::new(&wasm), &mut files)?;
    files.insert(format!("pkg/{NAME}.css").into(), bundle(Path::new("style/main.css"))?);
    collect(Path::new("public"), Path::new(""), &mut files)?;
    let sizes = report(&files)?;
    let all = if plain { files } else { with_compressed(files)? };
    if lay(Path::new(SITE), &all)? && !plain {
        fs::File::options().append(true).open(EMBEDS)?.set_modified(SystemTime::now())?;
    }
    println!("{sizes}");
    Ok(())
}

/// wasm-bindgen, as its command line does it with `--target web --no-typescript --remove-name-section`.
fn bind(wasm: &Path, files: &mut Files) -> Result<()> {
    let made = PathBuf::from("target/xtask/pkg");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    Bindgen::new()
        .input_path(wasm)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .generate(&made)
        .with_context(|| format!("binding {}", wasm.display()))?;
    fs::rename(made.join(format!("{NAME}_bg.wasm")), made.join(format!("{NAME}.wasm")))?;
    collect(&made, Path::new("pkg"), files)
}

/// The style sheet with its imports in one, minified, and with what the oldest browsers that we serve lack written out:
/// those that have cascade layers, OKLCH and `:has()`, so nesting and `light-dark()` are the ones to write out.
fn bundle(entry: &Path) -> Result<Vec<u8>> {
    let version = |major: u32, minor: u32| Some(major << 16 | minor << 8);
    let targets = Targets::from(Browsers {
        chrome: version(111, 0),
        edge: version(111, 0),
        firefox: version(121, 0),
        safari: version(16, 4),
        ios_saf: version(16, 4),
        ..Browsers::default()
    });
    let provider = FileProvider::new();
    let mut sheet = Bundler::new(&provider, None, ParserOptions::default())
        .bundle(entry)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("bundling {}", entry.display()))?;
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).map_err(|error| anyhow!("{error}"))?;
    let css = sheet.to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })?;
    Ok(css.code.into_bytes())
}

/// Reads every file under a folder, to lie under `address`.
fn collect(folder: &Path, address: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let address = address.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &address, files)?;
        } else {
            files.insert(address, fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn with_compressed(files: Files) -> Result<Files> {
    let mut all = Files::new();
    for (path, content) in files {
        // A form that was made from the same content is still right, and brotli is slow.
        let same = fs::read(Path::new(SITE).join(&path)).is_ok_and(|laid| laid == content);
        for (suffix, compress) in [("br", brotli as fn(&[u8]) -> Result<Vec<u8>>), ("gz", gzip)] {
            let beside = PathBuf::from(format!("{}.{suffix}", path.display()));
            let form = match fs::read(Path::new(SITE).join(&beside)) {
                Ok(form) if same => form,
                _ => compress(&content)?,
            };
            if form.len() < content.len() {
                all.insert(beside, form);
            }
        }
        all.insert(path, content);
    }
    Ok(all)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 64 * 1024, 11, 24);
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

/// Makes the folder hold exactly these files; says whether one appeared or went.
fn lay(site: &Path, files: &Files) -> Result<bool> {
    let mut laid = Files::new();
    if site.exists() {
        collect(site, Path::new(""), &mut laid)?;
    }
    for path in laid.keys().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(site.join(path))?;
    }
    for (path, content) in files.iter().filter(|(path, content)| laid.get(*path) != Some(*content)) {
        let path = site.join(path);
        fs::create_dir_all(path.parent().unwrap_or(site))?;
        fs::write(&path, content)?;
    }
    Ok(!laid.keys().eq(files.keys()))
}

/// One line on what a browser will load.
fn report(files: &Files) -> Result<String> {
    let mut line = format!("{SITE}: {} files", files.len());
    for kind in ["wasm", "js", "css"] {
        let content = &files[Path::new(&format!("pkg/{NAME}.{kind}"))];
        line += &format!(", {kind} {} KB", content.len().div_ceil(1024));
    }
    Ok(line)
}
