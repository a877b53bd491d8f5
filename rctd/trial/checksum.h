/*
 * checksum.h: check characters of identity numbers, by the names that protocols call them. Pure;
 * they say whether a number can be right as it is written, nothing of whose it is. Where a
 * country's number is meant, the rule is the one that its authority has published.
 */
#ifndef RCTD_TRIAL_CHECKSUM_H
#define RCTD_TRIAL_CHECKSUM_H

#include "base/compiler.h"

#include <stdbool.h>

/* X(NAME, name in protocols) */
#define CHECKSUMS(X)                                                                               \
    X(NONE, "")                                                                                    \
    X(LUHN, "luhn")         /* ISO/IEC 7812-1; Greece's AMKA */                                    \
    X(VERHOEFF, "verhoeff") /* every single error and every swap of neighbours */                  \
    X(MOD11_2, "mod11-2")   /* ISO/IEC 7064, check character 0-9 or X */                           \
    X(MOD11_10, "mod11-10") /* ISO/IEC 7064; Germany's IdNr, Croatia's OIB */                      \
    X(MOD97, "mod97")       /* ISO/IEC 7064 MOD 97-10, letters as 10 to 35 */                      \
    X(AT_SVNR, "at-svnr")   /* Austria, Versicherungsnummer */                                     \
    X(BE_NN, "be-nn")       /* Belgium, numéro national, born before or since 2000 */             \
    X(BG_EGN, "bg-egn")                                                                            \
    X(CH_AHV, "ch-ahv")                                                                            \
    X(CZ_RC, "cz-rc")   /* Czechia and Slovakia; nine digits (before 1954) have no check */        \
    X(DK_CPR, "dk-cpr") /* numbers since 2007 may fail it */                                       \
    X(EE_IK, "ee-ik")   /* Estonia's isikukood, Lithuania's asmens kodas */                        \
    X(ES_DNI, "es-dni") /* Spain's DNI and NIE */                                                  \
    X(FI_HETU, "fi-hetu")                                                                          \
    X(FR_NIR, "fr-nir")                                                                            \
    X(GB_NHS, "gb-nhs")                                                                            \
    X(HU_TAJ, "hu-taj")                                                                            \
    X(IE_PPS, "ie-pps")                                                                            \
    X(IS_KT, "is-kt")                                                                              \
    X(IT_CF, "it-cf")                                                                              \
    X(LU_MAT, "lu-mat")                                                                            \
    X(NL_BSN, "nl-bsn")                                                                            \
    X(NO_FNR, "no-fnr") /* fødselsnummer, D-number */                                             \
    X(PL_PESEL, "pl-pesel")                                                                        \
    X(PT_NIF, "pt-nif")                                                                            \
    X(RO_CNP, "ro-cnp")                                                                            \
    X(SI_EMSO, "si-emso") /* Slovenia's EMŠO, JMBG of its neighbours */

#define CHECKSUM_ENUM(name, text) CHECKSUM_##name,
enum checksum { CHECKSUMS(CHECKSUM_ENUM) CHECKSUM_COUNT };
#undef CHECKSUM_ENUM

#define CHECKSUM_TEXT_MAX 63 /* characters of a number that is looked at */

/* The one that protocols call by this name; CHECKSUM_COUNT where there is none. */
enum checksum checksum_by_name(const char *name);
const char *checksum_name(enum checksum checksum);

/*
 * A number in one spelling, however it was typed: blanks, hyphens, dots and slashes left out,
 * letters A to Z in capitals. Finland's century signs + and - are part of the number and stay.
 * False where it is longer than CHECKSUM_TEXT_MAX.
 */
bool checksum_compact(
    enum checksum checksum, const char *text, char out[CHECKSUM_TEXT_MAX + 1]) MUST_CHECK;

/* Does the check character of a number fit, as people write it? NONE fits everything. */
bool checksum_fits(enum checksum checksum, const char *text);

#endif
