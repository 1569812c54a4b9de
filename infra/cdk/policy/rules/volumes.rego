package tradewind

import rego.v1

# All EBS volumes of a template, with where they stand.
volumes contains [name, "Properties", volume] if {
	some name in of_type("AWS::EC2::Volume")
	volume := props(name)
}

volumes contains [name, path, volume] if {
	some name in of_type("AWS::EC2::LaunchTemplate")
	some index, mapping in items(props(name).LaunchTemplateData.BlockDeviceMappings)
	volume := mapping.Ebs
	is_object(volume)
	path := sprintf("Properties.LaunchTemplateData.BlockDeviceMappings.%d.Ebs", [index])
}

volumes contains [name, path, volume] if {
	some name in of_type("AWS::EC2::Instance")
	some index, mapping in items(props(name).BlockDeviceMappings)
	volume := mapping.Ebs
	is_object(volume)
	path := sprintf("Properties.BlockDeviceMappings.%d.Ebs", [index])
}

size_of(volume) := volume.Size if is_number(volume.Size)

size_of(volume) := volume.VolumeSize if is_number(volume.VolumeSize)

# METADATA
# id: TW-EBS-01
# title: Volumes are encrypted with our key
# why: With the account's default key nobody can be kept from reading a snapshot of the journal who may read any snapshot.
# fix: Set Encrypted true and KmsKeyId to the data key
violation contains finding("TW-EBS-01", name, path, sprintf("Encrypted is %v", [encrypted])) if {
	some [name, path, volume] in volumes
	encrypted := object.get(volume, "Encrypted", "absent")
	encrypted != true
}

violation contains finding("TW-EBS-01", name, path, "no KmsKeyId is given") if {
	some [name, path, volume] in volumes
	object.get(volume, "Encrypted", false) == true
	not has(volume, "KmsKeyId")
}

# METADATA
# id: TW-EBS-02
# title: IOPS are within what the volume type takes
# why: EBS refuses the volume when the host is launched, and io1/io2 need the figure.
# fix: gp3 3000 to 80000 and at most 500 per GiB; io1 100 to 64000 and at most 50 per GiB; io2 100 to 256000 and at most 1000 per GiB
# source: EBS user guide, volume types, and the EC2 volume construct of aws-cdk-lib
violation contains finding(
	"TW-EBS-02", name, sprintf("%s.Iops", [path]),
	sprintf("%d IOPS, but %s takes %d to %d", [iops, type, limits.min, limits.max]),
) if {
	some [name, path, volume] in volumes
	type := volume.VolumeType
	limits := iops_limits[type]
	iops := volume.Iops
	is_number(iops)
	outside(iops, limits.min, limits.max)
}

violation contains finding(
	"TW-EBS-02", name, sprintf("%s.Iops", [path]),
	sprintf("%d IOPS on %d GiB, but %s takes %d per GiB", [iops, size, type, limits.perGiB]),
) if {
	some [name, path, volume] in volumes
	type := volume.VolumeType
	limits := iops_limits[type]
	iops := volume.Iops
	is_number(iops)
	size := size_of(volume)
	iops > limits.base
	iops > size * limits.perGiB
}

violation contains finding("TW-EBS-02", name, path, sprintf("%s without Iops", [type])) if {
	some [name, path, volume] in volumes
	type := volume.VolumeType
	type in {"io1", "io2"}
	not has(volume, "Iops")
}

violation contains finding("TW-EBS-02", name, sprintf("%s.Iops", [path]), sprintf("%s takes no Iops", [type])) if {
	some [name, path, volume] in volumes
	type := volume.VolumeType
	not iops_limits[type]
	has(volume, "Iops")
}

iops_limits := {
	"gp3": {"min": 3000, "max": 80000, "perGiB": 500, "base": 3000},
	"io1": {"min": 100, "max": 64000, "perGiB": 50, "base": 100},
	"io2": {"min": 100, "max": 256000, "perGiB": 1000, "base": 100},
}

outside(value, low, _) if value < low

outside(value, _, high) if value > high

# METADATA
# id: TW-EBS-03
# title: Throughput is within what gp3 takes
# why: EBS refuses more than 2000 MiB/s or 0.25 MiB/s per provisioned IOPS, and any throughput on other types.
# fix: Set Throughput between 125 and 2000 MiB/s, at most a quarter of Iops, on gp3 alone
# source: EBS user guide, gp3, and the EC2 volume construct of aws-cdk-lib
violation contains finding(
	"TW-EBS-03", name, sprintf("%s.Throughput", [path]),
	sprintf("%d MiB/s, but gp3 takes 125 to 2000", [throughput]),
) if {
	some [name, path, volume] in volumes
	volume.VolumeType == "gp3"
	throughput := volume.Throughput
	is_number(throughput)
	outside(throughput, 125, 2000)
}

violation contains finding(
	"TW-EBS-03", name, sprintf("%s.Throughput", [path]),
	sprintf("%d MiB/s needs %d IOPS, %d are provisioned", [throughput, throughput * 4, iops]),
) if {
	some [name, path, volume] in volumes
	volume.VolumeType == "gp3"
	throughput := volume.Throughput
	is_number(throughput)
	iops := object.get(volume, "Iops", 3000)
	is_number(iops)
	throughput > 125
	throughput * 4 > iops
}

violation contains finding(
	"TW-EBS-03", name, sprintf("%s.Throughput", [path]),
	sprintf("%s takes no throughput", [type]),
) if {
	some [name, path, volume] in volumes
	type := volume.VolumeType
	type != "gp3"
	has(volume, "Throughput")
}
