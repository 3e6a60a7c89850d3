#ifndef ENRICH_SIMULATOR_PLAYED_PERSON_H_
#define ENRICH_SIMULATOR_PLAYED_PERSON_H_

#include <cstddef>
#include <string>

#include "simulator/exchange_template.h"
#include "simulator/person_oracle.h"

// What is found of people of whom a played provider was asked: made from what
// the request says of them, so that everybody has values of their own.
namespace enrich::simulator {

// What tells a person from others: everything that is said but the `ref`.
std::string IdentityOf(const ContactValues& contact);

// Different ones for different `number`s.
std::string EmailOf(const ContactValues& contact, size_t number);
std::string PhoneOf(const PersonOracle& oracle, const ContactValues& contact,
                    size_t number);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PLAYED_PERSON_H_
