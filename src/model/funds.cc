#include "model/funds.h"

namespace enrich {

bool Funds::Balanced() const {
  for (const Credits amount : {reserved, spent, released, exposed}) {
    if (amount < Credits()) return false;
  }
  return authorised == reserved + spent + released + exposed;
}

Funds& Funds::operator+=(const Funds& change) {
  authorised += change.authorised;
  reserved += change.reserved;
  spent += change.spent;
  released += change.released;
  exposed += change.exposed;
  return *this;
}

}  // namespace enrich
