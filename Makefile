# `make` alone lists what there is to make.
.PHONY: help setup run build test faults dev check package bench ci
.SILENT:

help: ; sed -n 's/^\([a-z]*\):[^#]*## */\1\t/p' Makefile | while IFS=$$(printf '\t') read -r name what; do printf '  make %-7s %s\n' "$$name" "$$what"; done

setup: ## Install what the build needs and this machine lacks, under your own home
	scripts/setup
run: build ## Build, then serve on http://127.0.0.1:3000 with the data in ./data
	target/release/vestibule serve
build: ## Build target/release/vestibule, the whole product in one file
	scripts/build
test: ## Run every check and test, in Rust and in a browser
	scripts/test
faults: ## Break things around the release binary, for some hours, and compare what it kept
	scripts/build
	FAULTS=long scripts/faults
dev: ## Serve a debug build; build, start and reload at every change
	scripts/dev
check: ## Check formatting and lints only
	scripts/check
package: ## Make the Debian package, and the container image where Docker runs
	scripts/package
bench: build ## Measure what each request takes beside a floor, creates by facade, and how long a webhook takes
	cargo run --release --example bench
	cargo run --release --example durable_creates
	cargo run --release --example api_latency
	cargo run --release --example facade_creates
ci: ## Do exactly what CI does
	.ci/run
