package tenant

// Operators is the place of the people above the tenants: a schema and a role of its own, with the same tables for people,
// sessions and tokens as a tenant has, and no recordings. No tenant can have this id.
const Operators ID = "_operators"

// operatorsSchema names both their schema and their role. No tenant's begins like it.
const operatorsSchema = `"cutroom_operators"`
