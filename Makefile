# Makefile: builds rctd and rctctl, runs the demo, the tests and the checks.
#
#   make demo    installs what is missing, builds and runs the main job; DEMO_ONCE=1 ends by itself
#   make check   builds and passes the tests
#
# Others: all deps bench lint asan tsan coverage soak install uninstall clean. CC=gcc or CC=clang.

# What the product and its tests need, as Debian's packages; `make deps` installs what is missing.
BUILD_PACKAGES = gcc make pkg-config python3 libmicrohttpd-dev libpq-dev libjansson-dev libyaml-dev \
	libsodium-dev libpcre2-dev libcurl4-openssl-dev libsmartcols-dev postgresql-15 postgresql-client-15
CHECK_PACKAGES = clang clang-format clang-tidy libclang-rt-14-dev check postgresql-15-pgtap mandoc gcovr curl \
	python3-pytest systemd bash-completion

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

LIBRARIES = libmicrohttpd libpq jansson libyaml libsodium libpcre2-8 libcurl smartcols
VERSION = 0.1.0

OPTIMISE ?= -O2
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wvla
HARDENING = -fstack-protector-strong -fstack-clash-protection -fPIE
ifeq ($(SANITIZE),)
HARDENING += -D_FORTIFY_SOURCE=2
endif
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -g $(OPTIMISE) $(WARNINGS) $(HARDENING) $(SANITIZE) \
	-DRCTD_VERSION='"$(VERSION)"' -Irctd -I. -I$(BUILD)/gen $(PACKAGE_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $(SANITIZE) $(LDFLAGS)
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
PACKAGE_LIBS = $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null) -lpthread -lm
CHECK_LIBS = $(shell pkg-config --libs check 2>/dev/null)

ROOMS = base trial db store http api work report
CLI_SOURCES = $(wildcard cli/*.c)
UNIT_SOURCES = $(wildcard tests/unit/*/test_*.c tests/store/test_*.c)
UNIT_PROGRAMS = $(UNIT_SOURCES:%.c=$(BUILD)/%)
HELPER_SOURCES = $(wildcard tests/http/*.c tests/fault/*.c tests/bench/*.c)
HELPER_PROGRAMS = $(HELPER_SOURCES:%.c=$(BUILD)/%)
GENERATED = $(BUILD)/gen/db/statement.c $(BUILD)/gen/db/migration.c
QUERIES = $(sort $(wildcard sql/query/*.sql))
MIGRATIONS = $(sort $(wildcard sql/migrate/*.sql))

object = $(1:%.c=$(BUILD)/object/%.o)
room = $(foreach name,$(1),$(BUILD)/$(name).a)
room_objects = $(call object,$(wildcard rctd/$(1)/*.c rctd/$(1)/*/*.c))

# What the tests of a room are linked with: the rooms that it may see (DESIGN.md), later ones first.
LINK_base = base
LINK_trial = trial base
LINK_db = db base
LINK_http = http base
LINK_store = store trial db base
LINK_work = work store trial db base
LINK_report = report store trial db base
LINK_api = api work report store http trial db base
LINK_cli = trial base
LINK_fault = $(LINK_api)
LINK_bench = $(LINK_api)
LINK_fuzz = $(LINK_api)

.PHONY: all deps demo check check-unit check-database check-system lint asan tsan coverage bench soak fuzz \
	install uninstall clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/rctd $(BUILD)/rctctl

$(BUILD)/rctd: $(call object,rctd/main.c) $(call room,$(LINK_api))
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PACKAGE_LIBS)

$(BUILD)/rctctl: $(call object,$(CLI_SOURCES)) $(call room,$(LINK_cli))
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PACKAGE_LIBS)

define ROOM_RULE
$(BUILD)/$(1).a: $(call room_objects,$(1)) $(if $(filter db,$(1)),$(GENERATED:%.c=%.o))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach name,$(ROOMS),$(eval $(call ROOM_RULE,$(name))))

$(BUILD)/gen/.made: sql/statements.py $(QUERIES) $(MIGRATIONS) sql/roles.sql
	@mkdir -p $(BUILD)/gen/db
	$(PYTHON) sql/statements.py --out $(BUILD)/gen --migrations $(MIGRATIONS) --roles sql/roles.sql -- $(QUERIES)
	@touch $@

$(GENERATED): $(BUILD)/gen/.made ;

$(BUILD)/gen/db/%.o: $(BUILD)/gen/db/%.c
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(call object,$(wildcard $(foreach room,db store work report api,rctd/$(room)/*.c) rctd/main.c tests/store/*.c \
	tests/unit/db/*.c tests/fault/*.c)): | $(BUILD)/gen/.made

$(BUILD)/object/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The room of a test or helper program is its folder: tests/unit/trial/test_expr.c is linked as trial.
program_room = $(if $(filter tests/unit/%,$(1)),$(word 3,$(subst /, ,$(1))),$(word 2,$(subst /, ,$(1))))

define PROGRAM_RULE
$(BUILD)/$(1): $(BUILD)/object/$(1).o $(call room,$(LINK_$(call program_room,$(1)))) \
		$(if $(filter cli,$(call program_room,$(1))),$(filter-out %/cli/main.o,$(call object,$(CLI_SOURCES))))
	@mkdir -p $$(@D)
	$(CC) $(LDFLAGS_ALL) -o $$@ $$^ $(if $(findstring /test_,$(1)),$(CHECK_LIBS)) $(PACKAGE_LIBS)
endef
$(foreach program,$(basename $(UNIT_SOURCES) $(HELPER_SOURCES)),$(eval $(call PROGRAM_RULE,$(program))))

-include $(wildcard $(BUILD)/object/*/*.d $(BUILD)/object/*/*/*.d $(BUILD)/object/*/*/*/*.d $(BUILD)/gen/db/*.d)

clean:
	rm -rf $(BUILD)
