# Makefile: builds rctd and rctctl, runs the demo, the tests and the checks.
#
#   make demo    installs what is missing, builds and runs the main job; DEMO_ONCE=1 ends by itself
#   make check   installs what is missing, builds, and passes the tests
#
#   make all       only builds                     make lint      layers, format, clang-tidy, manual pages
#   make asan      the tests under Address- and UndefinedBehaviorSanitizer
#   make tsan      the tests under ThreadSanitizer
#   make coverage  the tests, with a table of what they reach
#   make fuzz      each fuzz program for FUZZ_SECONDS
#   make install   to $(DESTDIR)$(prefix); make uninstall takes it away again
#
# Others: deps bench soak clean. CC=gcc or CC=clang; BUILD=DIR builds elsewhere; V=1 shows commands;
# TESTS="tests/unit/trial tests/system/test_races.py" runs these alone, also under asan, tsan and coverage.

# What the product with its demo needs, and its tests, as Debian's packages; `make deps` installs them.
BUILD_PACKAGES = gcc libc6-dev make pkg-config python3 libmicrohttpd-dev libpq-dev libjansson-dev libyaml-dev \
	libsodium-dev libpcre2-dev libcurl4-openssl-dev libsmartcols-dev libcairo2-dev libpango1.0-dev \
	fonts-dejavu-core postgresql-15 postgresql-client-15 curl
CHECK_PACKAGES = clang clang-format clang-tidy libclang-rt-14-dev check postgresql-15-pgtap mandoc gcovr \
	pgbouncer python3-jsonschema python3-pytest python3-pytest-xdist systemd bash-completion

CC ?= gcc
ifeq ($(origin CC),default)
CC = gcc
endif
BUILD ?= build
SANITIZE ?=
prefix ?= /usr/local
sysconfdir ?= /etc
PYTHON ?= /usr/bin/python3
PYTEST = $(PYTHON) -m pytest

LIBRARIES = libmicrohttpd libpq jansson yaml-0.1 libsodium libpcre2-8 libcurl smartcols cairo pangocairo
VERSION = 0.1.0

OPTIMISE ?= -O2
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wvla
HARDENING = -fstack-protector-strong -fstack-clash-protection -fPIE
ifeq ($(SANITIZE),)
HARDENING += -D_FORTIFY_SOURCE=2
endif
# A multiplication and an addition are rounded each for itself: allocations are the same on every processor.
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -g $(OPTIMISE) -ffp-contract=off $(WARNINGS) $(HARDENING) $(SANITIZE) \
	-DRCTD_VERSION='"$(VERSION)"' -Irctd -I. -I$(BUILD)/gen $(PACKAGE_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed $(SANITIZE) $(LDFLAGS)

SYSTEM_LIBS = -lpthread -lm

# pkg-config is asked once for each, when a recipe first needs the answer.
package = $(eval $(1) := $(or $(shell pkg-config $(2) && echo ' '),$(error run `make deps` first)))$($(1))
PACKAGE_CFLAGS = $(call package,PACKAGE_CFLAGS,--cflags $(LIBRARIES))
PACKAGE_LIBS = $(call package,PACKAGE_LIBS,--libs $(LIBRARIES))
CHECK_LIBS = $(call package,CHECK_LIBS,--libs check)

ROOMS = base trial db store http api work report
CLI_SOURCES = $(wildcard cli/*.c cli/*/*.c)
UNIT_SOURCES = $(wildcard tests/unit/*/test_*.c tests/store/test_*.c)
UNIT_PROGRAMS = $(UNIT_SOURCES:%.c=$(BUILD)/%)
HELPER_SOURCES = $(wildcard tests/http/*.c tests/system/*.c tests/bench/*.c)
FUZZ_SOURCES = $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_PROGRAMS = $(FUZZ_SOURCES:%.c=$(BUILD)/%)
HELPER_PROGRAMS = $(HELPER_SOURCES:%.c=$(BUILD)/%)
GENERATED = $(BUILD)/gen/db/statement.c $(BUILD)/gen/db/migration.c
QUERIES = $(sort $(wildcard sql/query/*.sql))
MIGRATIONS = $(sort $(wildcard sql/migrate/*.sql))
HOLIDAYS = $(sort $(wildcard etc/holidays/*.yaml))

object = $(1:%.c=$(BUILD)/object/%.o)
room = $(foreach name,$(1),$(BUILD)/$(name).a)
tell = $(if $(V),,@echo '  $(1)  $(2)'; )
room_objects = $(call object,$(wildcard rctd/$(1)/*.c rctd/$(1)/*/*.c))

# What the tests of a room are linked with: the rooms that it may see (CODING.md), later ones first.
LINK_base = base
LINK_trial = trial base
LINK_db = db base
LINK_http = http base
LINK_store = store trial db base
LINK_work = work store trial db base
LINK_report = report store trial db base
LINK_api = api work report store http trial db base
LINK_cli = trial base
LINK_system = $(LINK_api)
LINK_bench = $(LINK_api)
LINK_fuzz = $(LINK_api)

.PHONY: all programs deps deps-build demo check check-built lint lint-layers lint-format lint-manuals lint-tidy asan tsan coverage bench soak fuzz \
	fuzz-built install uninstall clean ALWAYS
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/rctd $(BUILD)/rctctl

programs: all $(UNIT_PROGRAMS) $(HELPER_PROGRAMS)

$(BUILD)/rctd: $(call object,$(wildcard rctd/*.c)) $(call room,$(LINK_api))
	$(call tell,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PACKAGE_LIBS) $(SYSTEM_LIBS)

$(BUILD)/rctctl: $(call object,$(CLI_SOURCES)) $(call room,$(LINK_cli))
	$(call tell,LD,$@)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PACKAGE_LIBS) $(SYSTEM_LIBS)

define ROOM_RULE
$(BUILD)/$(1).a: $(call room_objects,$(1)) $(if $(filter db,$(1)),$(GENERATED:%.c=%.o))
	@rm -f $$@
	$$(call tell,AR,$$@)ar rcs $$@ $$^
endef
$(foreach name,$(ROOMS),$(eval $(call ROOM_RULE,$(name))))

$(BUILD)/gen/.made: sql/statements.py $(QUERIES) $(MIGRATIONS) sql/roles.sql
	@mkdir -p $(BUILD)/gen/db
	$(call tell,SQL,$(BUILD)/gen)$(PYTHON) sql/statements.py --out $(BUILD)/gen --migrations $(MIGRATIONS) --roles sql/roles.sql -- $(QUERIES)
	@touch $@

$(GENERATED) $(BUILD)/gen/db/statement.h: $(BUILD)/gen/.made ;

$(BUILD)/gen/trial/holiday_table.h: $(HOLIDAYS)
	@mkdir -p $(@D)
	$(call tell,GEN,$@)for file in $^; do \
	  sed -nE "s/^  - \{date: ([0-9-]{10}), name: ([^}]+)\}$$/X(\"$$(basename $$file .yaml)\", \"\1\", \"\2\")/p" $$file; done >$@

$(call object,rctd/trial/calendar.c): | $(BUILD)/gen/trial/holiday_table.h

# Another compiler or other flags build everything anew.
$(BUILD)/flags: ALWAYS
	$(shell mkdir -p $(@D))$(file >$@.new,$(CC) $(CFLAGS_ALL))
	@cmp -s $@.new $@ || mv $@.new $@

$(BUILD)/gen/db/%.o: $(BUILD)/gen/db/%.c $(BUILD)/flags
	$(call tell,CC,$<)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(call object,$(wildcard $(foreach room,db store work report api,rctd/$(room)/*.c rctd/$(room)/*/*.c) rctd/*.c tests/store/*.c \
	tests/unit/db/*.c tests/unit/work/*.c tests/system/*.c tests/bench/*.c)): | $(BUILD)/gen/.made

$(BUILD)/object/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call tell,CC,$<)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The room of a test or helper program is its folder: tests/unit/trial/test_expr.c is linked as trial.
program_room = $(if $(filter tests/unit/%,$(1)),$(word 3,$(subst /, ,$(1))),$(word 2,$(subst /, ,$(1))))

define PROGRAM_RULE
$(BUILD)/$(1): $(BUILD)/object/$(1).o \
		$(if $(filter cli,$(call program_room,$(1))),$(filter-out %/cli/main.o,$(call object,$(CLI_SOURCES)))) \
		$(call room,$(LINK_$(call program_room,$(1))))
	@mkdir -p $$(@D)
	$$(call tell,LD,$$@)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$^ $(if $(findstring /test_,$(1)),$$(CHECK_LIBS)) $$(PACKAGE_LIBS) \
		$$(SYSTEM_LIBS)
endef
$(foreach program,$(basename $(UNIT_SOURCES) $(HELPER_SOURCES) $(FUZZ_SOURCES)),$(eval $(call PROGRAM_RULE,$(program))))

-include $(wildcard $(BUILD)/object/*/*.d $(BUILD)/object/*/*/*.d $(BUILD)/object/*/*/*/*.d $(BUILD)/gen/db/*.d)

deps-build:
	@.ci/deps $(BUILD_PACKAGES)

deps:
	@.ci/deps $(BUILD_PACKAGES) $(CHECK_PACKAGES)

# As many jobs as there are processors, unless make was told a number.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# The suite is run by a make of its own, so that it sees the packages which deps has just installed.
check: deps
	$(MAKE) $(JOBS) check-built

check-built: programs lint-layers
	RCTD_BUILD=$(BUILD) RCTD_TESTS="$(TESTS)" $(PYTHON) tests/run.py $(UNIT_PROGRAMS)

# The same suite with programs that watch themselves. They are slower: RCTD_SLOW stretches every limit.
UNDER = $(MAKE) $(JOBS) BUILD=$(BUILD)/$@ OPTIMISE="-O1 -fno-omit-frame-pointer"

asan: deps
	RCTD_SLOW=4 ASAN_OPTIONS=halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		LSAN_OPTIONS="suppressions=$(CURDIR)/tests/lsan.supp print_suppressions=0" \
		$(UNDER) SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all" check-built

tsan: deps
	RCTD_SLOW=8 TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 suppressions=$(CURDIR)/tests/tsan.supp" \
		$(UNDER) SANITIZE=-fsanitize=thread check-built

coverage: deps
	rm -rf $(BUILD)/$@
	RCTD_SLOW=2 $(MAKE) $(JOBS) CC=gcc BUILD=$(BUILD)/$@ OPTIMISE=-O0 SANITIZE=--coverage check-built
	$(PYTHON) tests/coverage.py $(BUILD)/$@

C_FILES = $(sort $(wildcard cli/*.[ch] cli/*/*.[ch] rctd/*.[ch] rctd/*/*.[ch] rctd/*/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch]))
TIDY_FILES = $(filter %.c,$(filter-out tests/%,$(C_FILES)))
MANUALS = $(sort $(wildcard etc/man/*.[1-8]))

lint: lint-layers lint-format lint-manuals lint-tidy

lint-layers:
	@$(PYTHON) tests/lint/layers.py
	@$(PYTHON) tests/lint/columns.py

lint-format:
	@echo clang-format: $(words $(C_FILES)) files
	@clang-format --dry-run -Werror $(C_FILES)

lint-manuals:
	@echo mandoc: $(words $(MANUALS)) manual pages
	@mandoc -T lint -W warning $(MANUALS)

lint-tidy: $(BUILD)/gen/.made $(BUILD)/gen/trial/holiday_table.h
	@echo clang-tidy: $(words $(TIDY_FILES)) files
	@printf '%s\n' $(TIDY_FILES) | xargs -P $(shell nproc) -I FILE clang-tidy --quiet FILE -- $(CFLAGS_ALL) -Wno-unused-value

# The main job from end to end; DEMO_ONCE=1 ends by itself.
demo: deps-build
	@$(MAKE) --no-print-directory $(JOBS) all
	@RCTD_BUILD=$(BUILD) PYTHON=$(PYTHON) tests/demo/demo.sh

# Ratios against the raw limits, in $(BUILD)/bench.json; BENCH=name runs one.
bench: deps
	@$(MAKE) --no-print-directory $(JOBS) programs
	$(PYTHON) tests/bench/bench.py --build $(BUILD) $(BENCH)

# Longer runs: allocation under load and crashes again and again, then the fuzzers.
SOAK_RUNS ?= 20

soak: deps
	@$(MAKE) --no-print-directory $(JOBS) programs
	for run in $$(seq $(SOAK_RUNS)); do echo "run $$run of $(SOAK_RUNS)"; \
		RCTD_BUILD=$(BUILD) $(PYTEST) -q tests/system/test_allocation.py tests/system/test_service.py || exit 1; done
	RCTD_IDENTITIES=100000 RCTD_BUILD=$(BUILD) $(PYTEST) -q tests/system/test_rotation.py -k survives
	$(MAKE) fuzz FUZZ_SECONDS=600

FUZZ_SECONDS ?= 30

fuzz: deps
	$(UNDER) CC=clang SANITIZE="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" fuzz-built

$(FUZZ_PROGRAMS): LDFLAGS += -fsanitize=fuzzer

fuzz-built: $(FUZZ_PROGRAMS)
	$(PYTHON) tests/fuzz/run.py --seconds $(FUZZ_SECONDS) $(FUZZ_PROGRAMS)

# What `make install` puts where: SOURCE=DESTINATION. `make uninstall` goes by the same list.
datadir = $(prefix)/share/rctd
docdir = $(prefix)/share/doc/rctd
INSTALLED = $(BUILD)/rctd=$(prefix)/sbin/rctd $(BUILD)/rctctl=$(prefix)/bin/rctctl \
	$(BUILD)/install/rctctl.bash=$(prefix)/share/bash-completion/completions/rctctl \
	$(BUILD)/install/rctd.service=$(prefix)/lib/systemd/system/rctd.service \
	systemd/rctd.socket=$(prefix)/lib/systemd/system/rctd.socket \
	systemd/rctd.sysusers=$(prefix)/lib/sysusers.d/rctd.conf \
	$(BUILD)/install/rctd.tmpfiles=$(prefix)/lib/tmpfiles.d/rctd.conf \
	$(foreach page,$(MANUALS),$(page)=$(prefix)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
	$(foreach file,$(sort $(wildcard etc/protocols/*.yaml)),$(file)=$(datadir)/protocols/$(notdir $(file))) \
	$(foreach file,$(HOLIDAYS),$(file)=$(datadir)/holidays/$(notdir $(file))) \
	etc/rctd.conf=$(docdir)/examples/rctd.conf etc/nginx/rctd.conf=$(docdir)/examples/nginx.conf \
	README.md=$(docdir)/README.md LICENSE=$(docdir)/LICENSE
CONFIGURATION = $(DESTDIR)$(sysconfdir)/rctd/rctd.conf
split = $(subst =, $(DESTDIR),$(1))

install: all
	@mkdir -p $(BUILD)/install
	$(BUILD)/rctctl completion bash >$(BUILD)/install/rctctl.bash
	sed 's,/usr/local/,$(prefix)/,; s,/etc/rctd,$(sysconfdir)/rctd,' systemd/rctd.service >$(BUILD)/install/rctd.service
	sed 's,/etc/rctd,$(sysconfdir)/rctd,' systemd/rctd.tmpfiles >$(BUILD)/install/rctd.tmpfiles
	$(foreach pair,$(INSTALLED),install -D -m $(if $(filter %/rctd %/rctctl,$(firstword $(subst =, ,$(pair)))),755,644) \
		$(call split,$(pair)) && ):
	@if [ -e $(CONFIGURATION) ]; then echo '$(CONFIGURATION) is kept as it is'; else \
		install -D -m 640 etc/rctd.conf $(CONFIGURATION); fi

uninstall:
	rm -f $(foreach pair,$(INSTALLED),$(lastword $(call split,$(pair))))
	@if cmp -s etc/rctd.conf $(CONFIGURATION); then rm -f $(CONFIGURATION); \
		elif [ -e $(CONFIGURATION) ]; then echo '$(CONFIGURATION) was changed, and is kept'; fi
	@for directory in $(DESTDIR)$(datadir)/protocols $(DESTDIR)$(datadir)/holidays $(DESTDIR)$(datadir) \
		$(DESTDIR)$(docdir)/examples $(DESTDIR)$(docdir) $(DESTDIR)$(sysconfdir)/rctd; do \
		[ ! -d $$directory ] || rmdir --ignore-fail-on-non-empty $$directory; done

clean:
	rm -rf $(BUILD)
