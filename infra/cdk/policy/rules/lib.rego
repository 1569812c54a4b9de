# What the rules share. All files of this folder are one package; `rule_fixes`, `instance_types`, `stateful_types` and the
# other tables come from ../rule-data.ts. The engine hands templates over resolved: a reference is
# {"__ref": logicalId, "__kind": ...}, what is known only at deployment is {"__dynamic": why}.
package tradewind

import rego.v1

finding(id, name, path, message) := make_diag_full(
	id, "ERROR", name, path,
	message, rule_fixes[id], "Tradewind",
)

of_type(type) := resources_of_type(type)

props(name) := properties if {
	properties := input.resources[name].properties
	is_object(properties)
}

# What a list holds; nothing when it is no list. The engine stops at a wrong kind instead of finding nothing, so that every
# builtin below is given what it takes.
items(value) := value if is_array(value)

# `[x]` for a single value, as IAM and CloudFormation allow both.
as_array(value) := value if is_array(value)

as_array(value) := [value] if not is_array(value)

has(object, key) if _ = object[key]

present(value) if value != null

# Logical ids of launch templates, and the type each one launches.
template_type(template) := type if {
	type := props(template).LaunchTemplateData.InstanceType
	is_string(type)
}

template_of(instance) := props(instance).LaunchTemplate.LaunchTemplateId.__ref

instance_type_of(instance) := type if {
	type := props(instance).InstanceType
	is_string(type)
}

instance_type_of(instance) := type if {
	not has(props(instance), "InstanceType")
	type := template_type(template_of(instance))
}
